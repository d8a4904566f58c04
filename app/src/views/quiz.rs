//! A question. On a page that only the server rendered, the answers open without any script.

use content::pack::{Quiz, QuizOption};
use leptos::prelude::*;

use super::{Act, Author, icons, is_still, parts};
use crate::{
    messages::{Lang, Message, filled, text},
    state::{Action, App, Left, OpenLesson, QuizState, Verdict},
};

const LETTERS: [&str; 8] = ["A", "B", "C", "D", "E", "G", "H", "I"];

pub(crate) fn view(app: &App, act: Act, open: &OpenLesson, quiz: &Quiz, at: usize) -> AnyView {
    let lang = app.lang;
    let state = open.quizzes.0.get(at).copied().unwrap_or_default();
    let [number, all] = [(at + 1).to_string(), open.quizzes.0.len().to_string()];
    let id = crate::state::quiz_id(at);
    let still = is_still(app);
    let author = &Author::of(app, open.lesson.course);
    let options: Vec<AnyView> = quiz
        .options
        .iter()
        .enumerate()
        .map(|(option, found)| {
            let place = Place { lang, quiz: at, option, multiple: quiz.is_multiple() };
            if still { still_option(author, place, found) } else { live_option(author, act, place, found, state) }
        })
        .collect();
    let foot = if still { still_foot(author, lang, quiz) } else { live_foot(lang, act, open, quiz, at, state) };
    view! {
        <section class=if state.verdict == Verdict::Right { "quiz right" } else { "quiz" } id=id tabindex="-1">
            {(!still)
                .then(|| view! { <p class="early" role="status">{parts::early(lang, open, Left::Quiz(at))}</p> })}
            <p class="quiz-number">{filled(lang, Message::QuizNumber, &[&number, &all])}</p>
            <h2 class="quiz-question" inner_html=author.html(&quiz.question)></h2>
            <ul class="options">{options}</ul>
            {foot}
        </section>
    }
    .into_any()
}

/// Which option of which question.
#[derive(Clone, Copy)]
struct Place {
    lang: Lang,
    quiz: usize,
    option: usize,
    multiple: bool,
}

fn mark(place: Place) -> AnyView {
    let class = if place.multiple { "option-mark box" } else { "option-mark" };
    let letter = LETTERS.get(place.option).copied().unwrap_or_default();
    view! { <span class=class aria-hidden="true">{(!place.multiple).then_some(letter)}</span> }.into_any()
}

fn still_option(author: &Author, place: Place, option: &QuizOption) -> AnyView {
    view! {
        <li class="option">
            <div class="option-button">
                {mark(place)} <span inner_html=author.html(&option.text)></span>
            </div>
        </li>
    }
    .into_any()
}

fn live_option(author: &Author, act: Act, place: Place, option: &QuizOption, state: QuizState) -> AnyView {
    let Place { lang, quiz, option: at, .. } = place;
    let (chosen, shown) = (state.is_chosen(at), state.is_shown(at));
    let class = match (shown, option.right, chosen) {
        (true, true, _) => "option right",
        (true, false, _) => "option wrong",
        (false, _, true) => "option chosen",
        (false, _, false) => "option",
    };
    let feedback = shown.then(|| {
        let word = if option.right { Message::RightMark } else { Message::WrongMark };
        let mark = if option.right { icons::TICK } else { icons::AGAIN };
        view! {
            <strong>{icons::icon(mark)} {text(lang, word)}</strong>
            <span inner_html=author.html(&option.feedback)></span>
        }
    });
    view! {
        <li class=class>
            <button
                type="button"
                class="option-button"
                aria-pressed=if chosen { "true" } else { "false" }
                on:click=move |_| act(Action::Choose { quiz, option: at })
            >
                {mark(place)}
                <span inner_html=author.html(&option.text)></span>
            </button>
            <div class="option-feedback" role="status">{feedback}</div>
        </li>
    }
    .into_any()
}

fn live_foot(lang: Lang, act: Act, open: &OpenLesson, quiz: &Quiz, at: usize, state: QuizState) -> AnyView {
    let multiple = quiz.is_multiple();
    let words = match state.verdict {
        Verdict::Open if open.unticked == Some(at) => Message::NothingChosen,
        Verdict::Open if multiple => Message::ChooseMany,
        Verdict::Open => Message::ChooseOne,
        Verdict::Wrong => Message::Wrong,
        Verdict::Partly => Message::Partly,
        Verdict::Right => Message::Right,
    };
    let answer = (multiple && state.verdict != Verdict::Right).then(|| {
        view! {
            <button type="button" class="secondary" on:click=move |_| act(Action::Answer { quiz: at })>
                {icons::icon(icons::TICK)}
                <span>{text(lang, Message::Answer)}</span>
            </button>
        }
    });
    view! {
        <p class="verdict" role="status">{text(lang, words)}</p>
        {answer}
    }
    .into_any()
}

fn still_foot(author: &Author, lang: Lang, quiz: &Quiz) -> AnyView {
    let hint = quiz.is_multiple().then(|| view! { <p class="verdict">{text(lang, Message::ChooseMany)}</p> });
    let answers: Vec<AnyView> = quiz.options.iter().map(|option| still_answer(author, lang, option)).collect();
    view! {
        {hint}
        <details class="answer">
            <summary class="secondary">{icons::icon(icons::HELP)}<span>{text(lang, Message::ShowAnswer)}</span></summary>
            <ul>{answers}</ul>
        </details>
    }
    .into_any()
}

fn still_answer(author: &Author, lang: Lang, option: &QuizOption) -> AnyView {
    let word = if option.right { Message::RightMark } else { Message::WrongMark };
    view! {
        <li>
            <strong>{text(lang, word)} ": "</strong>
            <span inner_html=author.html(&option.text)></span>
            ". "
            <span inner_html=author.html(&option.feedback)></span>
        </li>
    }
    .into_any()
}
