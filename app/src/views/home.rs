//! The list of courses.

use content::pack::CourseManifest;
use leptos::prelude::*;

use super::{Act, icons, me, not_here, parts, shelf};
use crate::{
    messages::{Message, filled, text},
    route::Route,
    state::{App, Load, Step},
};

pub(crate) fn screen(app: &App, act: Act) -> AnyView {
    let lang = app.lang;
    let Load::Ready(catalogue) = &app.catalogue else {
        return not_here(app, act, &app.catalogue);
    };
    let again = app.progress.any_done();
    let title = if again { Message::HomeAgain } else { Message::HomeTitle };
    let courses: Vec<AnyView> = catalogue.courses.iter().map(|found| course(app, act, found)).collect();
    view! {
        {me::chip(app)}
        <div class="hero">
            {icons::landscape()}
            <div class="hero-words">
                {parts::heading(text(lang, title))}
                {(!again).then(|| view! { <p>{text(lang, Message::HomeIntro)}</p> })}
            </div>
            {next(app, again)}
        </div>
        {(app.live && again).then(|| parts::state_line(app))}
        <section class="courses" aria-labelledby="khoa-hoc">
            <h2 id="khoa-hoc">{text(lang, Message::Courses)}</h2>
            {courses.is_empty().then(|| view! { <p class="notice">{text(lang, Message::NoCourses)}</p> })}
            {courses}
        </section>
    }
    .into_any()
}

/// Shows the big button, and below it what it opens.
fn next(app: &App, again: bool) -> Option<AnyView> {
    let lang = app.lang;
    let Some(step) = app.next_step(None) else {
        let finished = app.steps().next().is_some();
        return finished.then(|| view! { <p class="praise">{text(lang, Message::AllDone)}</p> }.into_any());
    };
    let words = if again { Message::Continue } else { Message::Start };
    let view = view! {
        {parts::primary_link(step.route(), icons::PLAY, text(lang, words))}
        <p class="next-up">{filled(lang, Message::NextUp, &[&step.lesson.title])}</p>
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
    view! {
        <article class="course">
            <header>
                <h3>{course.title.clone()}</h3>
                <p>{course.summary.clone()}</p>
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
    let (course, lesson) = step.key();
    let done = is_done(app, step);
    let class = if done { "lesson-link done" } else { "lesson-link" };
    let mark = if done {
        icons::icon(icons::TICK)
    } else {
        view! { <span aria-hidden="true">{step.number}</span> }.into_any()
    };
    view! {
        <li>
            <a class=class href=Route::Lesson { course, lesson }.to_string()>
                <span class="lesson-mark">{mark}</span>
                <span class="lesson-words">
                    <span class="lesson-title">{step.lesson.title.clone()}</span>
                    <span class="lesson-note">
                        {if done {
                            text(lang, Message::Done).to_owned()
                        } else {
                            filled(lang, Message::Minutes, &[&step.lesson.minutes.to_string()])
                        }}
                    </span>
                </span>
            </a>
        </li>
    }
    .into_any()
}
