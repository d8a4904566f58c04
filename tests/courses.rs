//! Courses that tests write, publish as the suite's publisher, and change.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use content::pack::{Catalogue, Hash};
use content::{Compiled, CourseFolder, Facts, SourceFile};
use ed25519_dalek::SigningKey;
use sync::authority::{Area, Chain, Purpose, Rank, Rights, Statement, Terms};
use sync::wire::packs::Title;
use sync::{Day, DeviceId};

use crate::authority::{hub_terms, issue};
use crate::scratch::Scratch;

/// Number of the courses that tests write; no course of the site has it.
pub const COURSE: u16 = 900;
/// Bytes of a picture: a hundred of them take long enough to be interrupted, and a debug build checks them in
/// seconds.
const PICTURE_BYTES: usize = 40_000;
/// A day on which every credential of the suite holds.
const DAY: Day = Day(20_779);

/// A lesson to write.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Title, which must be new within the course.
    pub title: String,
    /// Text of its one paragraph.
    pub text: String,
    /// Numbers of its pictures; equal numbers are equal pictures.
    pub pictures: Vec<u32>,
}

/// A course in a folder, and who signs it.
#[derive(Debug)]
pub struct Author {
    folder: Scratch,
    secret: SigningKey,
}

/// A signed edition with everything that belongs to it.
#[derive(Debug)]
pub struct Signed {
    /// Manifest and blobs.
    pub compiled: Compiled,
    /// The statement's bytes.
    pub bytes: Vec<u8>,
}

impl Signed {
    /// What a hub announces that has it.
    pub fn title(&self) -> Title {
        let manifest = &self.compiled.manifest;
        Title { course: manifest.course, edition: manifest.edition, hash: Hash::of(&self.bytes).0 }
    }

    /// How many bytes its blobs have.
    pub fn size(&self) -> usize {
        self.compiled.blobs.iter().map(|blob| blob.bytes.len()).sum()
    }
}

impl Author {
    /// Makes a publisher, told apart by a number, with an empty folder.
    ///
    /// # Errors
    ///
    /// When the system's temporary folder cannot be written.
    pub fn new(number: u8) -> anyhow::Result<Self> {
        let author = Self { folder: Scratch::new("author")?, secret: SigningKey::from_bytes(&[number; 32]) };
        let public = author.device().in_full();
        let secret = DeviceId(author.secret.to_bytes()).in_full();
        let key = format!("bdhv key, version 1\npublic {public}\nsecret {secret}\n");
        std::fs::write(author.at("key"), key)?;
        std::fs::write(author.at("chain"), author.chain().to_string())?;
        Ok(author)
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Folder of the course that was written last.
    pub fn course(&self) -> PathBuf {
        self.at("course")
    }

    /// Whose key it is.
    pub fn device(&self) -> DeviceId {
        DeviceId(self.secret.verifying_key().to_bytes())
    }

    /// What lets it publish.
    pub fn chain(&self) -> Chain {
        issue(self.device(), publisher_terms())
    }

    /// Writes an edition of the course, instead of the one before.
    ///
    /// # Errors
    ///
    /// When the folder cannot be written.
    pub fn write(&self, edition: u32, lessons: &[Draft]) -> anyhow::Result<()> {
        let folder = self.course();
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(&folder)?;
        for SourceFile { path, bytes } in files(edition, lessons) {
            std::fs::write(folder.join(path), bytes)?;
        }
        Ok(())
    }

    /// Returns the arguments of `bdhv` that publish what was written last at a node.
    ///
    /// # Errors
    ///
    /// When a name is no text.
    pub fn publish(&self, data: &str) -> anyhow::Result<Vec<String>> {
        let text = |path: PathBuf| path.to_str().map(str::to_owned).context("the folder's name is no text");
        let words = ["content", "publish"].map(str::to_owned).into_iter();
        let rest = [text(self.course())?, "--data".to_owned(), data.to_owned()];
        let key = ["--key".to_owned(), text(self.at("key"))?, "--chain".to_owned(), text(self.at("chain"))?];
        Ok(words.chain(rest).chain(key).collect())
    }

    /// Compiles and signs an edition without a node.
    ///
    /// # Errors
    ///
    /// When the course has problems.
    pub fn sign(&self, edition: u32, lessons: &[Draft]) -> anyhow::Result<Signed> {
        let compiled = compile(edition, lessons)?;
        let payload = compiled.manifest.encode()?;
        let statement = Statement::sign(&self.secret, Purpose::CourseEdition, DAY, self.chain(), payload)?;
        let mut bytes = Vec::new();
        statement.encode(&mut bytes);
        Ok(Signed { compiled, bytes })
    }
}

/// What a publisher is allowed.
pub fn publisher_terms() -> Terms {
    Terms { rank: Rank::Province, team: 0, area: Area::Everywhere, rights: Rights::PUBLISH, ..hub_terms() }
}

/// Compiles an edition as `bdhv content publish` does.
///
/// # Errors
///
/// When the course has problems.
pub fn compile(edition: u32, lessons: &[Draft]) -> anyhow::Result<Compiled> {
    let folder = CourseFolder { name: String::new(), files: files(edition, lessons) };
    let checked = content::check(&[folder], &Facts::built_in());
    ensure!(checked.may_publish(), "{:#?}", checked.problems);
    let (_, course) = checked.courses.first().context("one course")?;
    Ok(content::compile(course)?)
}

/// Makes `lessons` lessons with `pictures` pictures each.
pub fn large(lessons: u32, pictures: u32) -> Vec<Draft> {
    let lesson = |number: u32| Draft {
        title: format!("Bài số {number}"),
        text: "Cô bác coi từng hình.".to_owned(),
        pictures: (0..pictures).map(|picture| number * 1000 + picture).collect(),
    };
    (1..=lessons).map(lesson).collect()
}

fn files(edition: u32, lessons: &[Draft]) -> Vec<SourceFile> {
    let course = format!(
        "id = {COURSE}\nedition = {edition}\ntitle = \"Khóa thử\"\nsummary = \"Một khóa để thử.\"\n\
         reviewed = 2026-11-22\nlanguage = \"vi\"\n"
    );
    let mut files = vec![SourceFile { path: "course.toml".to_owned(), bytes: course.into_bytes() }];
    for (id, lesson) in (1..).zip(lessons) {
        files.push(SourceFile { path: format!("{id:02}-bai.md"), bytes: text(id, lesson).into_bytes() });
        for &picture in &lesson.pictures {
            let file = SourceFile { path: name(picture), bytes: svg(picture) };
            if !files.contains(&file) {
                files.push(file);
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn text(id: u32, lesson: &Draft) -> String {
    let Draft { title, text, pictures } = lesson;
    let shown: Vec<String> = pictures.iter().map(|picture| format!("![Hình {picture}]({})", name(*picture))).collect();
    let shown = shown.join("\n\n");
    format!(
        "+++\nid = {id}\ntitle = \"{title}\"\nminutes = 5\ngoal = \"Cô bác coi được hình.\"\n\
         reviewed = 2026-11-22\nsources = [{{ title = \"Tổ công nghệ số\" }}]\n+++\n\n{text}\n\n{shown}\n\n\
         ```quiz\n? Hai cộng hai là mấy?\n[x] Bốn.\n> Dạ đúng.\n[ ] Năm.\n> Cô bác đếm lại nghen.\n```\n"
    )
}

fn name(picture: u32) -> String {
    format!("hinh-{picture}.svg")
}

/// Draws a picture of its own: a line through points at random.
fn svg(picture: u32) -> Vec<u8> {
    let mut text = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 320 180\"><path d=\"M0 0".to_owned();
    let mut state = picture.wrapping_mul(2_654_435_761) | 1;
    let mut point = |side: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % side
    };
    while text.len() < PICTURE_BYTES {
        text.extend(["L".to_owned(), point(320).to_string(), " ".to_owned(), point(180).to_string()]);
    }
    text.push_str("\" fill=\"none\" stroke=\"black\"/></svg>");
    text.into_bytes()
}

/// Returns the edition of the tests' course that a node shows, from its catalogue.
///
/// # Errors
///
/// When the catalogue cannot be read.
pub fn edition_in(catalogue: &[u8]) -> anyhow::Result<Option<u32>> {
    Ok(Catalogue::decode(catalogue)?.course(COURSE).map(|course| course.edition))
}

/// What lies in a node's folder of blobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// How many whole blobs.
    pub blobs: usize,
    /// Bytes of these, and of those that are begun.
    pub bytes: usize,
}

/// Looks into a node's folder of blobs.
///
/// # Errors
///
/// When it cannot be read.
pub fn held(data: &str) -> anyhow::Result<Held> {
    let mut held = Held { blobs: 0, bytes: 0 };
    for entry in std::fs::read_dir(Path::new(data).join("packs/blobs"))? {
        let entry = entry?;
        held.blobs += usize::from(entry.path().extension().is_none());
        held.bytes += usize::try_from(entry.metadata()?.len())?;
    }
    Ok(held)
}
