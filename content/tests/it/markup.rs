//! What Markdown becomes, construct by construct.

use content::pack::{Block, Lesson};
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
            _ => panic!("a block this test does not know"),
        }
    }
    shown.join("\n") + "\n"
}

#[test]
fn every_construct_has_its_markup() {
    for name in ["every-construct", "hostile-text"] {
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
