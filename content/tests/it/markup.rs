//! What Markdown becomes, construct by construct.

use content::pack::{Block, Channel, Lesson, NoteKind, Part, Practice, Scam, Verdict};
use content::{SourceFile, compile, parse_course};

use crate::folder::{assert_snapshot, fixtures, list, read};

fn blocks(files: &[SourceFile]) -> Vec<Block> {
    let (course, problems) = parse_course(files);
    assert_eq!(list(&problems), "");
    let compiled = compile(&course).unwrap();
    let blob = compiled.manifest.lessons[0].blob;
    let blob = compiled.blobs.iter().find(|found| found.hash == blob).unwrap();
    Lesson::decode(&blob.bytes).unwrap().blocks
}

fn show(blocks: &[Block]) -> String {
    let mut shown = Vec::new();
    for block in blocks {
        match block {
            Block::Html(html) => shown.push(html.to_string()),
            Block::Quiz(quiz) => {
                shown.push(format!("? {}", quiz.question));
                for option in &quiz.options {
                    let mark = if option.right { 'x' } else { ' ' };
                    shown.push(format!("[{mark}] {}\n> {}", option.text, option.feedback));
                }
            }
            Block::Order(order) => {
                shown.push(format!("? {}", order.question));
                for (number, step) in (1..).zip(&order.steps) {
                    shown.push(format!("{number}. {}\n> {}", step.text, step.hint));
                }
            }
            Block::Practice(practice) => show_practice(practice, &mut shown),
            Block::Scam(scam) => show_scam(scam, &mut shown),
            Block::Listen(listen) => shown.push(format!("listen: {}", listen.text)),
            Block::Figure(figure) => {
                let (image, alt) = (figure.image, &figure.alt);
                shown.push(format!("figure: {image} {}x{} {alt:?}\n> {}", figure.width, figure.height, figure.caption));
            }
            Block::Note(note) => {
                let kind = if note.kind == NoteKind::Warning { "warning" } else { "note" };
                shown.push(format!("{kind}: {}", note.html));
            }
            _ => panic!("a block this test does not know"),
        }
    }
    shown.join("\n") + "\n"
}

fn show_practice(practice: &Practice, shown: &mut Vec<String>) {
    shown.push(format!("practice: {}", practice.task));
    for screen in &practice.screens {
        shown.push(format!("# {:?}\n? {}", screen.title, screen.ask));
        for part in &screen.parts {
            shown.push(match part {
                Part::Text(text) => format!("- {text}"),
                Part::Field(field) => format!("[_] {:?} {:?}\n> {}", field.label, field.value, field.hint),
                Part::Button(button) => {
                    let mark = if button.right { 'x' } else { ' ' };
                    format!("[{mark}] {:?}\n> {}", button.label, button.feedback)
                }
                _ => panic!("a part this test does not know"),
            });
        }
    }
    shown.push(format!("# {:?}", practice.end.title));
    shown.extend(practice.end.texts.iter().map(|text| format!("- {text}")));
    shown.push(format!("! {}", practice.end.praise));
}

fn show_scam(scam: &Scam, shown: &mut Vec<String>) {
    let channel = match scam.channel {
        Channel::Sms => "sms",
        Channel::Call => "call",
        Channel::Chat => "chat",
        _ => panic!("a channel this test does not know"),
    };
    shown.push(format!("scam, {channel} from {:?}: {:?}", scam.sender, scam.verdict));
    for line in &scam.lines {
        shown.push("-".to_owned());
        for piece in line {
            let sign = piece.sign.as_ref().map(|sign| format!(" ! {sign}")).unwrap_or_default();
            shown.push(format!("  {:?}{sign}", piece.text));
        }
    }
    for judged in [Verdict::Scam, Verdict::Genuine] {
        shown.push(format!("{judged:?} > {}", scam.feedback(judged)));
    }
}

#[test]
fn every_construct_has_its_markup() {
    for name in ["every-construct", "exercises", "hostile-text"] {
        let root = fixtures("sound").join(name);
        assert_snapshot(&root.join("expected.txt"), &show(&blocks(&read(&root))));
    }
}

/// Whatever the author wrote, a tag begins only where this crate wrote one.
#[test]
fn text_never_becomes_markup() {
    let shown = show(&blocks(&read(&fixtures("sound/hostile-text"))));
    let tags: Vec<_> = shown.split('<').skip(1).map(|tag| tag.split(['>', ' ']).next().unwrap()).collect();
    assert!(tags.iter().all(|tag| ["p", "/p", "code", "/code", "a", "/a", "img"].contains(tag)), "{tags:?}");
    assert_eq!(shown.matches(" href=").count(), shown.matches(" href=\"https://").count(), "{shown}");
}
