//! Writes golden bytes into the corpus of every target, from which the fuzzer starts.

use std::fs;
use std::path::Path;

use fuzz::course::FIELDS;
use fuzz::golden::{self, HUB, PHONE};
use fuzz::peer::FRAMES;
use sync::StoreId;
use sync::bundle::{Head, Writer};
use sync::session::{Span, SpanWanted};
use sync::sketch::{Item, Sketch};
use sync::wire::frame::{Offer, Scope};

fn main() -> std::io::Result<()> {
    put("frames", FRAMES.iter().flat_map(|frame| [body(frame).to_vec(), frame.clone()]))?;
    let entries = [golden::entries(PHONE, 2), golden::attesting(), erased()];
    put("entries", entries.map(|entries| golden::payloads(&entries)))?;
    put("chain", [golden::chain_bytes(HUB)])?;
    put("revocations", [encoded(|out| golden::revocations().encode(out))])?;
    let withdrawals = [golden::withdrawal().clone(), golden::own_withdrawal()];
    put("withdrawal", withdrawals.map(|withdrawal| encoded(|out| withdrawal.encode(out))))?;
    let manifest = golden::manifest().encode().map_err(std::io::Error::other)?;
    put("statement", [encoded(|out| golden::statement().encode(out)), manifest])?;
    put("packs", pack_frames())?;
    put("sketch", sketches())?;
    put("bundle", bundles())?;
    put("course", courses()?)?;
    for name in ["quiz", "practice", "scam", "listen", "figure"] {
        put(name, fences(name)?)?;
    }
    put("note", numbered([fences("note")?, fences("warning")?]))?;
    put("fields", fields()?)?;
    put("pack", packs())?;
    put("session", sessions())
}

fn put(target: &str, inputs: impl IntoIterator<Item = Vec<u8>>) -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    fs::create_dir_all(&folder)?;
    inputs
        .into_iter()
        .enumerate()
        .try_for_each(|(number, input)| fs::write(folder.join(format!("golden-{number:02}")), input))
}

fn encoded(encode: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    encode(&mut out);
    out
}

fn body(frame: &[u8]) -> &[u8] {
    let (body, _) = sync::wire::frame::split_frame(frame).expect("a golden frame").expect("is whole");
    body
}

/// A log whose learner withdrew.
fn erased() -> Vec<sync::entry::Entry> {
    use sync::entry::{Digest, Entry, ErasedDeclaration};
    let declaration = ErasedDeclaration { learner: golden::learner(PHONE), commune: golden::COMMUNE, inner: [7; 32] };
    vec![Entry::ErasedDeclaration(declaration), Entry::Erased(sync::Slot(0), Digest([8; 28]))]
}

fn pack_frames() -> Vec<Vec<u8>> {
    use sync::wire::packs::{Frame, Title};
    let hash = [0xab; 32];
    let titles = [1, 300].map(|course| Title { course, edition: 2, hash });
    let frames = [
        Frame::Shelf(titles.to_vec()),
        Frame::Edition { hash },
        Frame::Blob { hash, from: 300 },
        Frame::Given { size: 1 << 20 },
        Frame::Absent,
    ];
    let frames = frames.map(|frame| encoded(|out| frame.encode(out)));
    // Each as the body alone, and all of them as they follow each other; all are shorter than 128 bytes.
    frames.iter().map(|frame| frame[1..].to_vec()).chain([frames.concat()]).collect()
}

fn sketches() -> Vec<Vec<u8>> {
    let mut sketch = Sketch::new();
    (1..=20_u64).filter_map(|number| Item::from_bytes(number.to_be_bytes())).for_each(|item| {
        sketch.add(item);
    });
    let block = sketch.encode_block(0..10);
    let items: Vec<u8> = (1..=20_u64).flat_map(u64::to_be_bytes).collect();
    vec![[&[0, block.len() as u8][..], &block].concat(), [&[1][..], &items].concat()]
}

fn bundles() -> Vec<Vec<u8>> {
    let (device, secret) = (golden::device(HUB), golden::secret(HUB));
    let head = Head { device, store: StoreId([7; 16]), position: 9, since: None, scope: Scope::All, made: golden::NOW };
    let mut out = Vec::new();
    let mut writer = Writer::start(&head, &secret, &mut out);
    writer.revocations(encoded(|out| golden::revocations().encode(out)), &mut out);
    writer.withdrawals(&[encoded(|out| golden::withdrawal().encode(out))], &mut out);
    let log = golden::extension(PHONE, &golden::entries(PHONE, 2));
    let offer = Offer { log: log.log, length: log.count, chain: [1; 8] };
    let first = writer.offers(9, vec![offer], &mut out);
    let wanted = SpanWanted { offer: first, log: log.log, from: 0 };
    writer.span(Span { wanted, count: log.count, payloads: log.payloads, signature: Some(log.signature) }, &mut out);
    writer.end(&secret, &mut out);
    let short = FRAMES.iter().filter(|frame| body(frame).len() < 256);
    let records: Vec<u8> = short.flat_map(|frame| [&[body(frame).len() as u8], body(frame)].concat()).collect();
    let each = FRAMES.iter().filter(|frame| body(frame).len() < 256);
    let each = each.map(|frame| [&[0b10_1011, body(frame).len() as u8], body(frame)].concat());
    [[&[0][..], &out].concat(), [&[3][..], &records].concat()].into_iter().chain(each).collect()
}

fn courses() -> std::io::Result<Vec<Vec<u8>>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content/courses/an-toan");
    let mut inputs = vec![[&[1][..], &fs::read(folder.join("course.toml"))?].concat()];
    inputs.extend(BLOCKS.map(|block| [&[0][..], FIELDS.as_bytes(), block.as_bytes()].concat()));
    inputs.push([&[2][..], SVG.as_bytes()].concat());
    inputs.push([&[3][..], b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10\x08\x06\0\0\0"].concat());
    Ok(inputs)
}

/// Puts before each input of a list the number of the list.
fn numbered(lists: impl IntoIterator<Item = Vec<Vec<u8>>>) -> Vec<Vec<u8>> {
    let lists = (0..=u8::MAX).zip(lists);
    lists.flat_map(|(number, list)| list.into_iter().map(move |input| [&[number][..], &input].concat())).collect()
}

/// The insides of the fences of a name that the broken courses and some sound lessons hold.
fn fences(name: &str) -> std::io::Result<Vec<Vec<u8>>> {
    let opening = ["```", name, "\n"].concat();
    let mut found = Vec::new();
    for folder in FENCED {
        for text in texts(folder, "md")? {
            let insides = text.split(&opening).skip(1).filter_map(|rest| rest.split("\n```").next());
            found.extend(insides.filter(|inside| inside.len() <= SEED_BYTES_MAX).map(|inside| inside.as_bytes().to_vec()));
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// Courses that hold every fence, sound and broken.
const FENCED: [&str; 6] = [
    "tests/fixtures/content/broken/quiz",
    "tests/fixtures/content/broken/order",
    "tests/fixtures/content/broken/practice",
    "tests/fixtures/content/broken/scam",
    "tests/fixtures/content/broken/small-fences",
    "content/courses/lam-quen",
];

/// Longest fence to start from: the fuzzer tries shorter inputs sooner.
const SEED_BYTES_MAX: usize = 700;

fn fields() -> std::io::Result<Vec<Vec<u8>>> {
    let (mut courses, mut lessons) = (Vec::new(), Vec::new());
    for course in ["course-fields", "course-missing-fields", "course-same-key", "course-retired-number", "facts"] {
        courses.extend(texts(&["tests/fixtures/content/broken/", course].concat(), "toml")?);
    }
    for text in texts("tests/fixtures/content/broken/front-matter", "md")? {
        lessons.extend(text.split("+++\n").nth(1).map(str::to_owned));
    }
    let beside = texts("content", "toml")?;
    let facts = beside.iter().filter(|text| text.contains("[[fact]]")).filter_map(|text| text.split("\n\n").nth(1));
    let criteria = beside.iter().filter(|text| text.contains("[[require]]"));
    let criteria = criteria.map(|text| text.split("\n\n").skip(1).take(2).collect::<Vec<_>>().join("\n"));
    let bytes = |texts: Vec<String>| texts.into_iter().map(String::into_bytes).collect();
    let facts = facts.map(str::to_owned).collect();
    Ok(numbered([bytes(courses), bytes(lessons), bytes(facts), bytes(criteria.collect())]))
}

/// The texts of the files in a folder whose names end so, in the order of their names.
fn texts(folder: &str, ending: &str) -> std::io::Result<Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
    let entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    let mut paths: Vec<_> = entries.into_iter().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|found| found == ending));
    paths.sort();
    paths.iter().map(fs::read_to_string).collect()
}

fn packs() -> Vec<Vec<u8>> {
    use content::{CourseFolder, Facts, SourceFile, check, compile};
    let file = |path: &str, text: &str| SourceFile { path: path.to_owned(), bytes: text.into() };
    let course = "id = 1\nedition = 1\ntitle = \"T\"\nsummary = \"S\"\nreviewed = 2026-11-22\nlanguage = \"vi\"\n";
    let compiled = BLOCKS.iter().filter_map(|block| {
        let files = vec![file("course.toml", course), file("01-a.md", &[FIELDS, block].concat()), file("a.svg", SVG)];
        let checked = check(&[CourseFolder { name: String::new(), files }], &Facts::built_in());
        compile(&checked.courses[0].1).ok()
    });
    let packs = compiled.flat_map(|compiled| {
        let catalogue = content::pack::Catalogue { courses: vec![compiled.manifest] }.encode().ok();
        compiled.blobs.into_iter().map(|blob| blob.bytes).chain(catalogue)
    });
    packs.collect()
}

/// How many of the golden frames, the last, are of a peer whose cursor was lost.
const RECONCILING: u8 = 7;

/// Whole sessions, as scripts: each kind of node, and each order of golden frames that makes sense.
fn sessions() -> Vec<Vec<u8>> {
    let hello = [0, 1, 2, 3, 4, 5];
    let mut scripts = Vec::new();
    for node in 0..4_u8 {
        for (peer, hello) in (0..).zip(hello) {
            scripts.push([vec![node | (peer % 5) << 2, 255, hello], (6..FRAMES.len() as u8).collect()].concat());
        }
        // The hub of the golden chain brings each log, and asks for what is told.
        let logs = (18..FRAMES.len() as u8 - RECONCILING).step_by(3);
        scripts.extend(logs.map(|log| vec![node | 1 << 2, 255, 1, log, log + 1, 12, 15]));
        let end = FRAMES.len() as u8;
        let lost = end - RECONCILING;
        scripts.extend(
            [lost, lost + 1].map(|hello| [vec![node | 1 << 2, 255, hello], (lost + 2..end).collect()].concat()),
        );
        scripts.extend([6, 7, 9, 10].map(|frame| vec![node | 1 << 2, 20, 2, 6, frame, 253, 11]));
    }
    scripts
}

const BLOCKS: [&str; 8] = [
    "Chào **cô bác**.\n\n- một\n- hai\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
    "![Hình](a.svg)\n\n[bài](01-a.md) [trang](https://a.vn)\n",
    "Gọi {số báo lừa đảo}.\n",
    "```quiz\n? Hai cộng hai?\n[x] Bốn.\n> Đúng rồi.\n[ ] Năm.\n> Coi lại.\n```\n",
    "A.\n\n```listen\nĐọc vầy.\n```\n",
    "```scam\n@ Tin nhắn: A\n- Bấm *b.example*.\n! Lạ.\n[x] Lừa đảo\n> Đúng.\n[ ] Tin thật\n> Coi lại.\n```\n",
    "```practice\n? Tập.\n# Một\n? Nhập.\n[_] Mã: `123456`\n> Gõ lại.\n[x] Tiếp\n> Được.\n# Xong\n! Giỏi.\n```\n",
    "```note\nNhớ nghen.\n```\n",
];

const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"><path d=\"M0 0\"/></svg>";
