//! The lessons of the site under test, as far as a test has to know them: which answers are right.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use content::pack::{Block, Catalogue, Html, Lesson, Order, Part, Practice, Quiz, Scam, Screen, Verdict};

/// A lesson to learn.
#[derive(Debug, Clone)]
pub struct Known {
    /// Number of the course.
    pub course: u16,
    /// Number of the lesson in it.
    pub lesson: u16,
    /// Title as plain text.
    pub title: String,
    /// First words of its text, as they are read.
    pub opening: String,
    /// Its questions in order.
    pub quizzes: Vec<KnownQuiz>,
    /// Its exercises in order.
    pub exercises: Vec<KnownExercise>,
}

/// A question of a lesson.
#[derive(Debug, Clone)]
pub struct KnownQuiz {
    /// The question as it is read.
    pub question: String,
    /// Answers that are right, as they are read.
    pub right: Vec<Answer>,
    /// Answers that are wrong.
    pub wrong: Vec<Answer>,
    /// Whether several answers are right, so that they are chosen first and given after.
    pub multiple: bool,
}

/// An answer to choose.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The answer as it is read.
    pub text: String,
    /// What is said to who chose it.
    pub feedback: String,
}

/// An exercise of a lesson.
#[derive(Debug, Clone)]
pub enum KnownExercise {
    /// Screens to practise on.
    Practice {
        /// The screens in order.
        screens: Vec<KnownScreen>,
        /// What is said at the end.
        praise: String,
    },
    /// A message to judge.
    Drill {
        /// The right judgement.
        right: Answer,
        /// The other one.
        wrong: Answer,
        /// What each sign gives away, in order.
        signs: Vec<String>,
    },
    /// Steps in their right order, each with what is said to who takes it too early.
    Order(Vec<Answer>),
}

/// A screen to practise on.
#[derive(Debug, Clone)]
pub struct KnownScreen {
    /// What the bar at its top says.
    pub title: String,
    /// The fields: label, what to type, what is said to who typed something else.
    pub fields: Vec<[String; 3]>,
    /// The button that leads on.
    pub right: Answer,
    /// Every other button.
    pub wrong: Vec<Answer>,
}

/// Finds the site: what `BDHV_SITE` names, else `target/site` of the workspace.
///
/// # Errors
///
/// When it is not built.
pub fn site() -> anyhow::Result<PathBuf> {
    let folder = match std::env::var_os("BDHV_SITE") {
        Some(named) => PathBuf::from(named),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("a workspace")?.join("target/site"),
    };
    ensure!(folder.join("site.json").is_file(), "{} is not built; `cargo xtask test` builds it", folder.display());
    Ok(folder)
}

/// Returns every lesson in the order of the catalogue.
///
/// # Errors
///
/// When the site is not built, or broken.
pub fn all() -> anyhow::Result<Vec<Known>> {
    let site = site()?;
    let catalogue = Catalogue::decode(&std::fs::read(site.join("catalogue"))?)?;
    let mut known = Vec::new();
    for summary in catalogue.courses.iter().flat_map(|course| &course.lessons) {
        let bytes = std::fs::read(site.join(format!("pack/{}", summary.blob)))?;
        known.push(read(&Lesson::decode(&bytes)?));
    }
    ensure!(known.len() >= 2, "the suite learns two lessons, and there are {}", known.len());
    Ok(known)
}

/// Returns the bytes that a course's lessons and pictures take on the wire, in the form with this ending.
///
/// # Errors
///
/// When the site is not built, or there is no such course.
pub fn course_bytes(course: u16, ending: &str) -> anyhow::Result<u64> {
    let site = site()?;
    let catalogue = Catalogue::decode(&std::fs::read(site.join("catalogue"))?)?;
    let course = catalogue.course(course).context("the catalogue has the course")?;
    let blobs: BTreeSet<_> = course.lessons.iter().flat_map(|found| found.assets.iter().chain([&found.blob])).collect();
    blobs.into_iter().map(|blob| Ok(std::fs::metadata(site.join(format!("pack/{blob}.{ending}")))?.len())).sum()
}

fn read(lesson: &Lesson) -> Known {
    let opening = lesson.blocks.iter().find_map(|block| match block {
        Block::Html(html) => Some(plain(html)),
        _ => None,
    });
    let quizzes = lesson.blocks.iter().filter_map(|block| match block {
        Block::Quiz(quiz) => Some(read_quiz(quiz)),
        _ => None,
    });
    Known {
        course: lesson.course,
        lesson: lesson.lesson,
        title: lesson.title.clone(),
        opening: opening.unwrap_or_default().chars().take(60).collect::<String>().trim().to_owned(),
        quizzes: quizzes.collect(),
        exercises: lesson.blocks.iter().filter_map(read_exercise).collect(),
    }
}

fn read_exercise(block: &Block) -> Option<KnownExercise> {
    match block {
        Block::Practice(practice) => read_practice(practice),
        Block::Scam(scam) => Some(read_drill(scam)),
        Block::Order(order) => Some(read_order(order)),
        _ => None,
    }
}

fn read_practice(practice: &Practice) -> Option<KnownExercise> {
    let screens = practice.screens.iter().map(read_screen).collect::<Option<_>>()?;
    Some(KnownExercise::Practice { screens, praise: plain(&practice.end.praise) })
}

fn read_screen(screen: &Screen) -> Option<KnownScreen> {
    let buttons = |right: bool| {
        screen.parts.iter().filter_map(move |part| match part {
            Part::Button(button) if button.right == right => {
                Some(Answer { text: button.label.clone(), feedback: plain(&button.feedback) })
            }
            _ => None,
        })
    };
    Some(KnownScreen {
        title: screen.title.clone(),
        fields: screen.fields().map(|field| [field.label.clone(), field.value.clone(), plain(&field.hint)]).collect(),
        right: buttons(true).next()?,
        wrong: buttons(false).collect(),
    })
}

fn read_drill(scam: &Scam) -> KnownExercise {
    let judgement = |verdict: Verdict| {
        let text = if verdict == Verdict::Scam { "Lừa đảo" } else { "Thật" };
        Answer { text: text.to_owned(), feedback: plain(scam.feedback(verdict)) }
    };
    let other = if scam.verdict == Verdict::Scam { Verdict::Genuine } else { Verdict::Scam };
    let signs = scam.signs().map(|(_, why)| plain(why)).collect();
    KnownExercise::Drill { right: judgement(scam.verdict), wrong: judgement(other), signs }
}

fn read_order(order: &Order) -> KnownExercise {
    let step = |step: &content::pack::OrderStep| Answer { text: plain(&step.text), feedback: plain(&step.hint) };
    KnownExercise::Order(order.steps.iter().map(step).collect())
}

fn read_quiz(quiz: &Quiz) -> KnownQuiz {
    let answers = |right: bool| {
        let options = quiz.options.iter().filter(move |option| option.right == right);
        options.map(|option| Answer { text: plain(&option.text), feedback: plain(&option.feedback) }).collect()
    };
    KnownQuiz {
        question: plain(&quiz.question),
        right: answers(true),
        wrong: answers(false),
        multiple: quiz.is_multiple(),
    }
}

/// Returns what a reader sees of markup: no tags, entities as their characters, spaces made single.
fn plain(html: &Html) -> String {
    let mut text = String::new();
    let mut inside = false;
    for character in html.as_str().chars() {
        match character {
            '<' => inside = true,
            '>' if inside => inside = false,
            other if !inside => text.push(other),
            _ => {}
        }
    }
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    for (entity, character) in entities {
        text = text.replace(entity, character);
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
