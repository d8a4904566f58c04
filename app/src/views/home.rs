//! The list of courses.

use content::pack::CourseManifest;
use leptos::prelude::*;

use super::{Act, Author, icons, me, not_here, offline, parts, review, shelf};
use crate::{
    messages::{Message, filled, text},
    route::Route,
    state::{Action, App, Load, Step, search},
};

/// Id of the search on the page.
const FIND_ID: &str = "tim";

pub(crate) fn screen(app: &App, act: Act) -> AnyView {
    let lang = app.lang;
    let Load::Ready(catalogue) = &app.catalogue else {
        return not_here(app, act, &app.catalogue);
    };
    let again = app.progress.any_done() || app.unfinished().is_some();
    let title = if again { Message::HomeAgain } else { Message::HomeTitle };
    let courses: Vec<AnyView> = if app.find.trim().is_empty() {
        catalogue.courses.iter().map(|found| course(app, act, found)).collect()
    } else {
        vec![found(app, act)]
    };
    view! {
        {me::chip(app)}
        <div class="hero">
            {icons::landscape()}
            <div class="hero-words">
                {parts::heading(text(lang, title))}
                {(!again).then(|| view! { <p>{text(lang, Message::HomeIntro)}</p> })}
            </div>
            {next(app, again)}
            {review::offer(app)}
        </div>
        {(app.live && again).then(|| parts::state_line(app))}
        {parts::search(act, FIND_ID, text(lang, Message::FindLesson), &app.find, Action::Find)}
        <section class="courses" aria-labelledby="khoa-hoc">
            <h2 id="khoa-hoc">{text(lang, Message::Courses)}</h2>
            {catalogue.courses.is_empty().then(|| view! { <p class="notice">{text(lang, Message::NoCourses)}</p> })}
            {courses}
        </section>
        {again.then(|| parts::secondary_link(Route::Confirmation, icons::SAFE, text(lang, Message::ConfirmationLink)))}
        {offline::view(app, act)}
    }
    .into_any()
}

/// Shows the lessons that the search finds, in place of all of them.
fn found(app: &App, act: Act) -> AnyView {
    let lang = app.lang;
    let found = search(app, &app.find);
    let count = if found.is_empty() {
        text(lang, Message::FoundNone).to_owned()
    } else {
        filled(lang, Message::FoundCount, &[&found.len().to_string()])
    };
    let lessons: Vec<AnyView> = found.iter().map(|step| lesson(app, step)).collect();
    view! {
        <article class="course">
            <header><p role="status">{count}</p></header>
            <ol class="lessons">{lessons}</ol>
            <button type="button" class="quiet" on:click=move |_| act(Action::Find(String::new()))>
                {text(lang, Message::FindAll)}
            </button>
        </article>
    }
    .into_any()
}

/// Shows the big button, and below it what it opens.
fn next(app: &App, again: bool) -> Option<AnyView> {
    let lang = app.lang;
    let title = |step: Step<'_>, message| {
        let author = Author::of(app, step.course.course);
        filled(lang, message, &[&author.text(&step.lesson.title)])
    };
    let (place, words, title) = if let Some((step, place)) = app.unfinished() {
        (place, Message::Continue, title(step, Message::LearningNow))
    } else if let Some(step) = app.next_step(None) {
        let start = if again { Message::Continue } else { Message::Start };
        (step.route(), start, title(step, Message::NextUp))
    } else {
        let finished = app.steps().next().is_some();
        return finished.then(|| parts::line("praise", text(lang, Message::AllDone)));
    };
    let view = view! {
        {parts::primary_link(place, icons::PLAY, text(lang, words))}
        {parts::line_of("next-up", title)}
    };
    Some(view.into_any())
}

fn course(app: &App, act: Act, course: &CourseManifest) -> AnyView {
    let lang = app.lang;
    let steps: Vec<Step<'_>> = app.steps().filter(|step| step.course.course == course.course).collect();
    let done = steps.iter().filter(|step| is_done(app, step)).count();
    let [done_text, all_text] = [done.to_string(), steps.len().to_string()];
    let count = if done == 0 {
        filled(lang, Message::LessonCount, &[&all_text])
    } else {
        filled(lang, Message::DoneCount, &[&done_text, &all_text])
    };
    let lessons: Vec<AnyView> = steps.iter().map(|step| lesson(app, step)).collect();
    let author = Author::of(app, course.course);
    view! {
        <article class="course">
            <header>
                <h3 inner_html=author.text(&course.title)></h3>
                {parts::line_of("", author.text(&course.summary))}
                <p class="course-count">{count}</p>
                <progress max=all_text value=done_text aria-hidden="true"></progress>
            </header>
            <ol class="lessons">{lessons}</ol>
            {shelf::view(app, act, course)}
        </article>
    }
    .into_any()
}

fn is_done(app: &App, step: &Step<'_>) -> bool {
    let (course, lesson) = step.key();
    app.progress.is_done(course, lesson)
}

fn lesson(app: &App, step: &Step<'_>) -> AnyView {
    let lang = app.lang;
    let done = is_done(app, step);
    let place = app.place(step.key());
    let note = match &place {
        _ if done => text(lang, Message::Done).to_owned(),
        Some(_) => text(lang, Message::Begun).to_owned(),
        None => filled(lang, Message::Minutes, &[&step.lesson.minutes.to_string()]),
    };
    let class = if done { "lesson-link done" } else { "lesson-link" };
    let author = Author::of(app, step.course.course);
    let mark = if done {
        icons::markup(icons::TICK)
    } else {
        ["<span aria-hidden=\"true\">", &step.number.to_string(), "</span>"].concat()
    };
    let markup = [
        "<a class=\"",
        class,
        "\" href=\"",
        &place.unwrap_or_else(|| step.route()).to_string(),
        "\"><span class=\"lesson-mark\">",
        &mark,
        "</span><span class=\"lesson-words\"><span class=\"lesson-title\"",
        author.attribute(),
        ">",
        &parts::escape(&step.lesson.title),
        "</span><span class=\"lesson-note\">",
        &note,
        "</span></span></a>",
    ];
    parts::item("", markup.concat())
}
