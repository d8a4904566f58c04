//! A lesson: what it is for, its text and pictures, its questions.

use content::pack::{Block, Figure, Lesson, Note, NoteKind};
use leptos::prelude::*;

use super::{Act, Author, aloud, exercise, icons, is_still, not_found, not_here, parts, play, quiz};
use crate::{
    messages::{Lang, Message, filled, text},
    route::Route,
    state::{self, Action, App, Load, Onward, OpenLesson},
};

pub(crate) fn screen(app: &App, act: Act) -> AnyView {
    match app.open_lesson() {
        Some(Load::Ready(open)) => page(app, act, open),
        Some(load) => not_here(app, act, load),
        None if app.catalogue.ready().is_some() => not_found(app),
        None => not_here(app, act, &app.catalogue),
    }
}

fn page(app: &App, act: Act, open: &OpenLesson) -> AnyView {
    if app.is_whole() { whole(app, act, open) } else { step(app, act, open, open.step_at(app.route)) }
}

fn article(class: &'static str, parts: Vec<AnyView>) -> AnyView {
    view! { <article class=class>{parts}</article> }.into_any()
}

/// Shows the whole lesson to read. The server's page is this one, without anything to tap.
fn whole(app: &App, act: Act, open: &OpenLesson) -> AnyView {
    let lesson = &*open.lesson;
    let mut parts = vec![head(app, act, open)];
    parts.extend((0..open.steps.count()).map(|at| blocks(app, act, open, at)));
    parts.push(end(app, act, open));
    parts.push(sources(app, lesson));
    article("lesson", parts)
}

/// Shows one step, and below it where to go from there.
fn step(app: &App, act: Act, open: &OpenLesson, at: usize) -> AnyView {
    let (lang, lesson) = (app.lang, &*open.lesson);
    let [number, all] = [at + 1, open.steps.count()].map(|number| number.to_string());
    let count = filled(lang, Message::StepCount, &[&number, &all]);
    let head = if at == 0 { head(app, act, open) } else { short_head(app, act, open, &count) };
    let mut end = vec![parts::line("step-count", &count), progress(number, all)];
    end.extend(onward(app, act, open, at));
    let whole = parts::foot(act, || Action::Whole(true), icons::BOOK, text(lang, Message::ReadWhole));
    let back = (at > 0).then(|| parts::foot(act, || Action::StepBack, icons::BACK, text(lang, Message::StepBack)));
    end.push(parts::column("foot", back.into_iter().chain([whole]).collect()));
    let mut parts = vec![head, blocks(app, act, open, at), parts::column("lesson-end", end)];
    if at + 1 == open.steps.count() {
        parts.push(sources(app, lesson));
    }
    article("lesson stepwise", parts)
}

fn progress(number: String, all: String) -> AnyView {
    view! { <progress max=all value=number aria-hidden="true"></progress> }.into_any()
}

/// Shows the button that leads on. What is open is said, and may wait.
fn onward(app: &App, act: Act, open: &OpenLesson, at: usize) -> Vec<AnyView> {
    let lang = app.lang;
    match open.onward(at) {
        Onward::End => vec![parts::primary(act, || Action::Finish, icons::TICK, text(lang, Message::Finish))],
        Onward::Step(_) if open.is_open(at) => vec![
            parts::line("step-open", text(lang, Message::StepOpen)),
            parts::secondary(act, || Action::Onward, icons::NEXT, text(lang, Message::SkipStep)),
        ],
        Onward::Step(_) => vec![parts::primary(act, || Action::Onward, icons::NEXT, text(lang, Message::NextStep))],
    }
}

/// Shows which lesson a later step is of, and which step it is: what is read out first.
fn short_head(app: &App, act: Act, open: &OpenLesson, count: &str) -> AnyView {
    let title = Author::of(app, open.lesson.course).text(&open.lesson.title);
    let name = [&title, " <span class=\"step-of\">", count, "</span>"].concat();
    view! {
        <header class="lesson-head">
            <h1 tabindex="-1" class="step-name" inner_html=name></h1>
            {aloud::head(app, act, open)}
        </header>
    }
    .into_any()
}

fn head(app: &App, act: Act, open: &OpenLesson) -> AnyView {
    let (lang, lesson) = (app.lang, &open.lesson);
    let author = Author::of(app, lesson.course);
    let step = app.step((lesson.course, lesson.lesson)).map(|step| {
        let [number, minutes] = [step.number.to_string(), step.lesson.minutes.to_string()];
        let number = filled(lang, Message::LessonNumber, &[&number]);
        [number, filled(lang, Message::Minutes, &[&minutes])].join(" · ")
    });
    view! {
        <header class=aloud::head_class(app)>
            <p class="lesson-step">{step}</p>
            {parts::heading_of(author.text(&lesson.title))}
            {parts::goal(&author, icons::GOAL, text(lang, Message::Goal), &lesson.goal)}
            {aloud::head(app, act, open)}
        </header>
    }
    .into_any()
}

/// Shows the blocks of a step, counted from 0, in order.
fn blocks(app: &App, act: Act, open: &OpenLesson, step: usize) -> AnyView {
    let shown: Vec<AnyView> = open.steps.blocks(step).filter_map(|at| block(app, act, open, at)).collect();
    view! { <section class="step" id=state::step_id(step) tabindex="-1">{shown}</section> }.into_any()
}

/// Returns the id of a block on the page, counted from 0 in the lesson and from 1 on the page.
pub fn block_id(at: usize) -> String {
    ["khoi-", &(at + 1).to_string()].concat()
}

/// Shows one block of a lesson, counted from 0; `None` where it shows nothing.
///
/// Every view of a lesson shows its blocks by this, each in one element with its own id.
pub(crate) fn block(app: &App, act: Act, open: &OpenLesson, at: usize) -> Option<AnyView> {
    let inside = inside(app, act, open, at)?;
    let spoken = u8::try_from(at).is_ok_and(|block| aloud::is_spoken(app, block));
    let class = if spoken { "piece spoken" } else { "piece" };
    let bar = (app.is_whole() && app.route.is_some_and(|route| route.lesson().is_some()))
        .then(|| aloud::bar(app, act, open, at));
    Some(view! { <div class=class id=block_id(at)>{bar} {inside}</div> }.into_any())
}

fn inside(app: &App, act: Act, open: &OpenLesson, at: usize) -> Option<AnyView> {
    let blocks = &open.lesson.blocks;
    let before = blocks.get(..at)?;
    let author = Author::of(app, open.lesson.course);
    Some(match blocks.get(at)? {
        Block::Html(html) => parts::still("block", author.block(html)),
        Block::Quiz(found) => {
            let quizzes = before.iter().filter(|block| matches!(block, Block::Quiz(_))).count();
            quiz::view(app, act, open, found, quizzes)
        }
        Block::Figure(found) => figure(&author, found),
        Block::Note(found) => note(&author, app.lang, found),
        // A pack from a newer release: the rest of the lesson is still worth reading.
        other => {
            let found = state::exercise(other)?;
            let exercises = before.iter().filter_map(state::exercise).count();
            if is_still(app) {
                exercise::view(&author, app.lang, open, found, exercises)
            } else {
                play::view(app, act, open, found, exercises)
            }
        }
    })
}

fn figure(author: &Author, figure: &Figure) -> AnyView {
    let markup = [
        "<figure",
        author.attribute(),
        "><img src=\"/pack/",
        &figure.image.to_string(),
        "\" width=\"",
        &figure.width.to_string(),
        "\" height=\"",
        &figure.height.to_string(),
        "\" alt=\"",
        &parts::escape(&figure.alt),
        "\"><figcaption>",
        figure.caption.as_str(),
        "</figcaption></figure>",
    ];
    parts::still("block", markup.concat())
}

fn note(author: &Author, lang: Lang, note: &Note) -> AnyView {
    let (class, words) = match note.kind {
        NoteKind::Warning => ("note warning", Message::Warning),
        _ => ("note", Message::Note),
    };
    let (words, own) = (text(lang, words), author.attribute());
    let html = note.html.as_str();
    let markup = ["<aside class=\"", class, "\"><strong>", words, "</strong><div", own, ">", html, "</div></aside>"];
    parts::still("block", markup.concat())
}

/// Shows the last button, and the choice of steps. Without a live page there is nothing to record, so it leads on.
fn end(app: &App, act: Act, open: &OpenLesson) -> AnyView {
    let lang = app.lang;
    if is_still(app) {
        let key = (open.lesson.course, open.lesson.lesson);
        let next = app.next_step(Some(key)).map(|step| step.route());
        let (to, icon, words) = next.map_or((Route::Home, icons::BOOK, Message::BackToLessons), |next| {
            (next, icons::NEXT, Message::NextLesson)
        });
        return parts::column("lesson-end", vec![parts::primary_link(to, icon, text(lang, words))]);
    }
    let finish = parts::primary(act, || Action::Finish, icons::TICK, text(lang, Message::Finish));
    let steps = parts::foot(act, || Action::Whole(false), icons::PLAY, text(lang, Message::ReadSteps));
    parts::column("lesson-end", vec![finish, parts::column("foot", vec![steps])])
}

fn sources(app: &App, lesson: &Lesson) -> AnyView {
    let (lang, author) = (app.lang, Author::of(app, lesson.course));
    let mut markup = ["<p>", text(lang, Message::Sources), "</p><ul>"].concat();
    for source in &lesson.sources {
        markup.push_str(&["<li>", &author.text(&source.title), "</li>"].concat());
    }
    markup.push_str(&["</ul><p>", &filled(lang, Message::Reviewed, &[&day(lesson)]), "</p>"].concat());
    parts::still("sources", markup)
}

/// Writes the day as people in Vietnam do: `20-11-2026`.
fn day(lesson: &Lesson) -> String {
    let date = lesson.reviewed;
    let pair = |number: u8| [number / 10, number % 10].map(|digit| char::from(b'0' + digit));
    let mut day = String::new();
    day.extend(pair(date.day()));
    day.push('-');
    day.extend(pair(date.month()));
    day.push('-');
    day.push_str(&date.year().to_string());
    day
}
