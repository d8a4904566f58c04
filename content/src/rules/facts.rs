//! Rules of the table of facts, and of lessons that print some.

use super::similar::did_you_mean;
use super::{quoted, rule};
use crate::limits::FACTS_MAX;
use crate::source::Rule;

pub(crate) fn unknown_fact<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Rule {
    rule(
        format!("the table of facts has no `{}`", quoted(name)),
        did_you_mean(name, known, "write the name of a fact, or the words themselves without `{` and `}`"),
    )
}

pub(crate) fn unknown_number(number: &str) -> Rule {
    rule(
        format!("the table of facts does not know the number {}", quoted(number)),
        "print only numbers it knows; add this one there with its source, or leave it out",
    )
}

pub(crate) fn unknown_law(law: &str) -> Rule {
    rule(
        format!("the table of facts does not know {}", quoted(law)),
        "check how it is spelled; add it there with its source, or leave it out",
    )
}

pub(crate) fn replaced(old: &str, new: &str) -> Rule {
    rule(format!("{} is out of date", quoted(old)), format!("write {}", quoted(new)))
}

pub(crate) fn fact_kind() -> Rule {
    rule("this is not a kind of fact", "write `kind = \"number\"`, `\"law\"` or `\"site\"`")
}

pub(crate) fn fact_name(name: &str) -> Rule {
    rule(format!("the name `{}` cannot be referred to", quoted(name)), "leave out `{`, `}`, `*`, `_` and backticks")
}

pub(crate) fn same_fact(name: &str) -> Rule {
    rule(format!("`{}` is in the table already", quoted(name)), "delete one of the two")
}

pub(crate) fn too_many_facts(found: usize) -> Rule {
    rule(format!("there are {found} facts, at most {FACTS_MAX} are read"), "delete those that no lesson prints")
}

pub(crate) fn too_many_requirements(found: usize) -> Rule {
    rule(format!("there are {found} requirements, at most {FACTS_MAX} are read"), "ask for less")
}

pub(crate) fn more_than_lessons(lessons: usize) -> Rule {
    rule(format!("`at_least` is more than the {lessons} lessons named"), "ask for fewer, or name more in `lessons`")
}

pub(crate) fn high_score() -> Rule {
    rule("`score` is more than 100", "write percent, such as `score = 70`")
}

pub(crate) fn unknown_course(course: u16) -> Rule {
    rule(format!("there is no course number {course}"), "name one that is there")
}

pub(crate) fn unknown_lesson(course: u16, lesson: u16) -> Rule {
    rule(
        format!("course {course} has no lesson number {lesson}"),
        "name one that is there; retired lessons cannot be asked for",
    )
}
