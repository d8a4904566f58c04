//! The table of facts and the criteria: broken ones, and those that come with the crate.

use content::limits::FACTS_MAX;
use content::{
    Course, Criteria, Facts, SourceFile, check_criteria, parse_course, parse_course_with, parse_criteria, parse_facts,
};

use crate::folder::{assert_snapshot, course_toml, file, fixtures, lesson, list, read};

fn table(name: &str) -> SourceFile {
    read(&fixtures("tables")).into_iter().find(|file| file.path == name).unwrap()
}

#[test]
fn broken_tables_have_the_problems_written_down() {
    let (_, mut problems) = parse_facts(&table("facts.toml"));
    let (criteria, found) = parse_criteria(&table("criteria.toml"));
    problems.extend(found);
    let (course, _) = parse_course(&[course_toml(), lesson("01-a.md", 3, "Chào.")]);
    let course = Course { id: 12, ..course };
    problems.extend(check_criteria("criteria.toml", &criteria, [&course]));
    assert_snapshot(&fixtures("tables").join("expected.txt"), &list(&problems));
}

#[test]
fn a_number_that_changes_is_changed_once() {
    let text = "Gọi {số báo lừa đảo} nghen. Gọi 156.";
    let files = [course_toml(), lesson("01-a.md", 1, text)];
    let mut facts = Facts::built_in();
    let fact = facts.facts.iter_mut().find(|fact| fact.name == "số báo lừa đảo").unwrap();
    fact.old = vec![std::mem::replace(&mut fact.value, "157".to_owned())];

    let (course, problems) = parse_course_with(&files, &facts);
    assert_eq!(list(&problems), "01-a.md:9:33: 156 is out of date; write 157\n");
    let printed = format!("{:?}", course.lessons[0].blocks);
    assert!(printed.contains("Gọi 157 nghen."), "{printed}");
}

#[test]
fn what_is_over_a_bound_is_refused() {
    let huge = |path: &str| file(path, vec![b'#'; 70_000]);
    let binary = |path: &str| file(path, vec![0xff]);
    let fact = "kind = \"number\"\nname = \"N\"\nvalue = \"1\"\nsource = \"S\"\nchecked = 2026-11-22\n";
    let numbered = (0..=FACTS_MAX).map(|n| fact.replace('N', &format!("N{n}")));
    let facts: String = numbered.flat_map(|fact| ["[[fact]]\n".to_owned(), fact]).collect();
    let fields = "version = 1\nprovisional = true\ntitle = \"T\"\nnote = \"N\"\nsince = 2026-11-22\nattested = true\n";
    let asked = "[[require]]\ncourse = 1\nlessons = [1]\nat_least = 1\nscore = 60\n".repeat(FACTS_MAX + 1);
    let problems = [
        parse_facts(&huge("facts.toml")).1,
        parse_facts(&binary("facts.toml")).1,
        parse_facts(&file("facts.toml", facts)).1,
        parse_criteria(&huge("criteria.toml")).1,
        parse_criteria(&binary("criteria.toml")).1,
        parse_criteria(&file("criteria.toml", [fields, &asked].concat())).1,
    ];
    assert_snapshot(&fixtures("tables").join("bounds.txt"), &list(&problems.concat()));
}

#[test]
fn the_built_in_criteria_are_provisional() {
    let criteria = Criteria::built_in();
    let source = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/criteria.toml")).unwrap();
    assert_eq!(parse_criteria(&file("criteria.toml", source)), (criteria.clone(), Vec::new()));
    assert!(criteria.provisional && criteria.version > 0 && criteria.attested);
}
