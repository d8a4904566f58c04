//! After a lesson: what the learner can do now, where the record is, what comes next.

use leptos::prelude::*;

use super::{Act, Author, aloud, icons, lesson, not_found, parts, review};
use crate::{
    messages::{Message, text},
    route::Route,
    state::{Action, App, LessonKey, OpenLesson, Sent},
};

pub(crate) fn screen(app: &App, act: Act, key: LessonKey) -> AnyView {
    let lang = app.lang;
    if app.end_of().is_none() {
        return lesson::screen(app, act);
    }
    let Some(step) = app.step(key) else {
        return not_found(app);
    };
    let open = app.open_lesson().and_then(|load| load.ready());
    let (course, lesson) = key;
    let author = Author::of(app, course);
    let learnt = open.map(|open| learnt(app, act, &author, open));
    view! {
        <div class="finished">
            <div class="medal" aria-hidden="true">{icons::icon(icons::TICK)}</div>
            {parts::heading(text(lang, Message::Finished))}
            {parts::line_of("finished-title", author.text(&step.lesson.title))}
            {learnt}
            {next(app, key)}
            {review::offer(app)}
            {parts::state_line(app)}
            {ask(app, act)}
            {parts::secondary_link(
                Route::Lesson { course, lesson },
                icons::AGAIN,
                text(lang, Message::ReadAgain),
            )}
        </div>
    }
    .into_any()
}

/// Shows what the learner can do now, and what to try; it is read aloud like a step.
fn learnt(app: &App, act: Act, author: &Author, open: &OpenLesson) -> AnyView {
    let (lang, lesson) = (app.lang, &open.lesson);
    let mut shown = vec![parts::goal(author, icons::GOAL, text(lang, Message::NowYouCan), &lesson.goal)];
    let task = lesson.task.as_ref();
    shown.extend(task.map(|task| parts::goal(author, icons::PHONE, text(lang, Message::TryNow), task)));
    shown.push(aloud::head(app, act, open));
    parts::column(aloud::head_class(app), shown)
}

/// Asks for the commune, once, and never in the way.
fn ask(app: &App, act: Act) -> Option<AnyView> {
    let lang = app.lang;
    let open = app.progress.line().sent == Sent::NotAgreed && !app.declined && !app.later;
    open.then(|| {
        view! {
            <section class="ask" aria-labelledby="hoi-xa">
                <h2 id="hoi-xa">{text(lang, Message::AskCommune)}</h2>
                <p>{text(lang, Message::AskCommuneWhy)}</p>
                {parts::secondary_link(Route::Commune, icons::PLACE, text(lang, Message::ChooseCommune))}
                <button type="button" class="quiet" on:click=move |_| act(Action::Later)>
                    {text(lang, Message::Later)}
                </button>
            </section>
        }
        .into_any()
    })
}

fn next(app: &App, key: LessonKey) -> AnyView {
    let lang = app.lang;
    match app.next_step(Some(key)) {
        Some(step) => view! {
            {parts::primary_link(app.place(step.key()).unwrap_or(step.route()), icons::NEXT, text(lang, Message::NextLesson))}
            {parts::line_of("next-up", Author::of(app, step.course.course).text(&step.lesson.title))}
        }
        .into_any(),
        None => view! {
            <p class="praise">{text(lang, Message::AllDone)}</p>
            {parts::primary_link(Route::Home, icons::BOOK, text(lang, Message::BackToLessons))}
        }
        .into_any(),
    }
}
