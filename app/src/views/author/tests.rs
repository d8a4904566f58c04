//! Which texts of a page are the author's, and which language each is marked with.

use std::{collections::BTreeSet, sync::Arc};

use content::pack::{Block, Figure, Lesson, Note, NoteKind, Verdict};
use leptos::prelude::RenderHtml as _;

use super::*;
use crate::{
    messages::{Message, text},
    paper::{Facts, Paper, titles_from_text},
    route::{Pane, Route},
    state::{Action, Load, Moment, Play, Reading, sample},
    views::{me, paper, screen},
};

const MOMENT: Moment = Moment { day: 20_780, nonce: 1 };
/// Elements without an end.
const VOID: [&str; 4] = ["img", "input", "br", "hr"];
/// Attributes that are read to people.
const READ: [&str; 2] = [" alt=\"", " aria-label=\""];

/// A text of a page, and the nearest language above it.
type Found = (String, Option<String>);

/// Lists the texts of markup, in their order.
fn texts(html: &str) -> Vec<Found> {
    let mut open: Vec<(String, Option<String>)> = Vec::new();
    let mut found = Vec::new();
    for part in html.split('<').skip(1) {
        let (tag, words) = part.split_once('>').unwrap();
        let name = tag.split([' ', '/']).next().unwrap();
        let nearest = |open: &[(String, Option<String>)]| open.iter().rev().find_map(|(_, lang)| lang.clone());
        if let Some(end) = tag.strip_prefix('/') {
            assert_eq!(open.pop().map(|(name, _)| name).as_deref(), Some(end), "{html}");
        } else if !tag.starts_with('!') {
            open.push((name.to_owned(), value(tag, " lang=\"")));
            found.extend(READ.iter().filter_map(|read| Some((value(tag, read)?, nearest(&open)))));
            if VOID.contains(&name) || tag.ends_with('/') {
                open.pop();
            }
        }
        found.push((plain(words), nearest(&open)));
    }
    found.retain(|(words, _)| words.contains(char::is_alphabetic));
    found
}

fn value(tag: &str, attribute: &str) -> Option<String> {
    Some(plain(tag.split_once(attribute)?.1.split('"').next()?))
}

fn plain(words: &str) -> String {
    let words = words.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&#x27;", "'");
    words.replace("&amp;", "&").trim().to_owned()
}

/// Lists what the author wrote, cut where the markup cuts it.
fn written(of: &impl serde::Serialize) -> BTreeSet<String> {
    fn add(of: &serde_json::Value, into: &mut BTreeSet<String>) {
        match of {
            serde_json::Value::String(words) => {
                into.extend(words.split('<').map(|part| plain(part.split_once('>').map_or(part, |(_, rest)| rest))));
            }
            serde_json::Value::Array(all) => all.iter().for_each(|of| add(of, into)),
            serde_json::Value::Object(all) => all.values().for_each(|of| add(of, into)),
            _ => {}
        }
    }
    let mut all = BTreeSet::new();
    add(&serde_json::to_value(of).unwrap(), &mut all);
    // Names of kinds, not words.
    all.retain(|words| !["Scam", "Sms", "Warning"].contains(&&**words));
    all
}

fn lesson() -> Lesson {
    let mut lesson = Lesson { lesson: 2, ..sample::exercises() };
    let html = Html::trusted("<p>Cô bác nhớ <em>hai điều</em> nghen.</p>");
    let (image, caption) = (sample::hash(9), Html::trusted("Cái ví"));
    lesson.blocks.extend(sample::lesson(1).blocks);
    lesson.blocks.push(Block::Note(Note { kind: NoteKind::Warning, html }));
    lesson.blocks.push(Block::Figure(Figure { image, alt: "Ví & giấy tờ".into(), caption, width: 4, height: 3 }));
    lesson
}

fn app(lang: Lang, language: &str) -> App {
    let mut catalogue = sample::catalogue();
    catalogue.courses[0].language = language.into();
    let catalogue = Load::Ready(Arc::new(catalogue));
    let mut app = App { lang, catalogue, reading: Reading::Whole, ..sample::app() };
    app.update(Action::Go(Route::Lesson { course: 1, lesson: 2 }), MOMENT);
    app.update(Action::LessonLoaded((1, 2), sample::hash(2), Ok(lesson())), MOMENT);
    app
}

fn shown(app: &App) -> String {
    screen(app, |_| ()).to_html()
}

/// Goes through every screen that shows something of the author's, and everything in it that appears on a tap.
fn screens(lang: Lang, language: &str) -> Vec<String> {
    let mut app = app(lang, language);
    app.live = false;
    let mut pages = vec![shown(&app)];
    app.live = true;
    pages.push(shown(&app));
    let mut act = |action: Action| {
        app.update(action, MOMENT);
        pages.push(shown(&app));
    };
    let play = |exercise, play| Action::Play { exercise, play };
    for taps in [vec![0, 0, 1], vec![2, 2]] {
        for part in taps {
            act(play(0, Play::Tap(part)));
        }
    }
    act(play(0, Play::Type(1, "tran thi mau".into())));
    act(play(0, Play::Tap(2)));
    for verdict in [Verdict::Genuine, Verdict::Scam] {
        act(play(1, Play::Judge(verdict)));
    }
    for step in [1, 2, 2, 0, 1, 2] {
        act(play(2, Play::Step(step)));
    }
    for (quiz, option) in [(0, 1), (0, 0), (1, 0), (1, 1), (2, 0), (2, 1), (2, 2)] {
        act(Action::Choose { quiz, option });
    }
    act(Action::Answer { quiz: 2 });
    act(Action::Choose { quiz: 2, option: 1 });
    act(Action::Answer { quiz: 2 });
    act(Action::Whole(false));
    (0..9).for_each(|_| act(Action::Onward));
    act(Action::Go(Route::Home));
    act(Action::Find("vneid".into()));
    act(Action::Find(String::new()));
    act(Action::Go(Route::Lesson { course: 1, lesson: 2 }));
    act(Action::Finish);
    act(Action::Go(Route::Home));
    act(Action::Go(Route::Me(Pane::Kept)));
    pages.push(me::screen(&app, |_| ()).to_html());
    app.update(Action::Go(Route::Review), Moment { day: MOMENT.day + 1, nonce: 2 });
    pages.push(shown(&app));
    pages.push(confirmation(lang, language));
    pages
}

/// Shows what is asked of a learner, and checks what somebody shows.
fn confirmation(lang: Lang, language: &str) -> String {
    let titles = titles_from_text(&format!("1 {language} {}\n", sample::catalogue().courses[0].title));
    let facts = Facts { courses: vec![1], ..Facts::default() };
    let checked = crate::paper::Checked { text: "bdhvs1".into(), verdict: Ok(facts) };
    let criteria = content::Criteria::built_in();
    let state = Paper { lang, titles, criteria, shown: Some(checked), live: true, ..Paper::default() };
    paper::screen(&state, |_| ()).to_html()
}

/// Says for each text of all screens whether it is the author's, and what it is marked with.
fn all_texts(lang: Lang, language: &str) -> (BTreeSet<Found>, BTreeSet<Found>) {
    let written = written(&(sample::catalogue(), lesson(), lesson().task));
    let found: BTreeSet<Found> = screens(lang, language).iter().flat_map(|html| texts(html)).collect();
    found.into_iter().partition(|(words, _)| written.contains(words))
}

#[test]
fn the_authors_words_are_marked_where_they_are_in_another_language_and_nothing_else_is() {
    let (of_author, of_screens) = all_texts(Lang::En, "vi");
    for (words, lang) in &of_author {
        assert_eq!(lang.as_deref(), Some("vi"), "{words}");
    }
    for (words, lang) in &of_screens {
        assert_eq!(lang.as_deref(), None, "{words}");
        let other = of_author.iter().find(|(of_author, _)| of_author.len() > 4 && words.contains(of_author));
        assert_eq!(other, None, "in {words}");
    }
    // Everything that the lesson says was looked at; what comes first cannot be tapped too early.
    let seen: BTreeSet<String> = of_author.into_iter().map(|(words, _)| words).collect();
    let mut unseen = written(&(lesson(), lesson().task));
    unseen.retain(|words| words.contains(|c: char| !c.is_ascii()) && !seen.contains(words));
    assert_eq!(unseen, BTreeSet::from(["Có số tài khoản trước.".to_owned()]));
}

#[test]
fn words_in_the_language_of_the_screens_carry_no_mark() {
    for (lang, language) in [(Lang::Vi, "vi"), (Lang::Vi, "vi-VN"), (Lang::Km, "km"), (Lang::En, "en")] {
        assert!(screens(lang, language).iter().all(|html| !html.contains(" lang=")), "{language}");
    }
    let mut khmer = all_texts(Lang::Vi, "km").0;
    // These words are on a button of ours, too.
    khmer.retain(|(words, _)| words != text(Lang::Vi, Message::NextStep));
    assert!(!khmer.is_empty() && khmer.iter().all(|(_, lang)| lang.as_deref() == Some("km")), "{khmer:?}");
}

#[test]
fn what_a_course_calls_its_language_stays_a_value() {
    let author = Author::writing("x\" onclick=\"a", Lang::Vi);
    assert_eq!(author.text("<b>"), "<span lang=\"x&quot; onclick=&quot;a\">&lt;b&gt;</span>");
}

#[test]
fn texts_around_the_authors_words_are_markup_already() {
    for lang in Lang::ALL {
        let odd: Vec<_> = Message::ALL.iter().filter(|message| text(lang, **message).contains(['<', '&'])).collect();
        assert!(odd.is_empty(), "{odd:?}");
    }
}
