//! Each folder of `tests/fixtures/content/broken` is a course; `expected.txt` holds its problems.

use content::{CourseFolder, Facts, check, check_courses, parse_course};

use crate::folder::{assert_snapshot, fixtures, folders, list, read};

#[test]
fn broken_courses_have_the_problems_written_down() {
    let root = fixtures("broken");
    for name in folders(&root) {
        let (_, problems) = parse_course(&read(&root.join(&name)));
        assert!(!problems.is_empty(), "{name} is not broken");
        assert_snapshot(&root.join(&name).join("expected.txt"), &list(&problems));
    }
}

#[test]
fn course_numbers_are_compared_across_courses() {
    let root = fixtures("together");
    let courses: Vec<_> =
        folders(&root).into_iter().map(|name| (parse_course(&read(&root.join(&name))), name)).collect();
    for ((_, problems), name) in &courses {
        assert_eq!(list(problems), "", "{name}");
    }
    let problems = check_courses(courses.iter().map(|((course, _), name)| (&**name, course)));
    assert_snapshot(&root.join("expected.txt"), &list(&problems));
}

#[test]
fn the_order_of_files_does_not_matter() {
    let root = fixtures("broken");
    for name in folders(&root) {
        let mut files = read(&root.join(&name));
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let forwards = parse_course(&files);
        files.reverse();
        assert_eq!(parse_course(&files), forwards, "{name}");
    }
}

#[test]
fn folders_are_checked_together() {
    let root = fixtures("broken");
    let folder = |name: &str| CourseFolder { name: name.to_owned(), files: read(&root.join(name)) };
    let checked = check(&[folder("order"), folder("reading-warnings"), folder("ids")], &Facts::built_in());
    assert!(!checked.may_publish());
    assert_eq!((checked.summary.courses, checked.courses.len()), (3, 3));
    let files: Vec<_> = checked.problems.iter().map(|problem| &*problem.file).collect();
    assert_eq!(files.first(), Some(&"order/01-a.md"));
    assert!(files.contains(&"reading-warnings/01-a.md") && files.contains(&"ids/02-b.md"), "{files:?}");
    let between = checked.problems.last().unwrap().to_string();
    assert!(between.contains("course number"), "{between}");
}

#[test]
fn warnings_do_not_keep_a_course_back() {
    let mut files = read(&fixtures("broken/reading-warnings"));
    files.retain(|file| file.path != "02-b.md");
    let checked = check(&[CourseFolder { files, ..CourseFolder::default() }], &Facts::built_in());
    assert_eq!(checked.problems.len(), 1);
    assert!(checked.may_publish() && checked.problems[0].file == "01-a.md");
}
