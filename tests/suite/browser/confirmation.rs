//! A confirmation from the lesson to the printed page: learnt, attested, shown, checked by others, carried away.
//!
//! The pictures lie in `target/screens`.

use std::path::Path;

use anyhow::Context as _;
use ed25519_dalek::SigningKey;
use sync::ProvinceKey;
use sync::authority::{Chain, Credential, Statement};
use sync::log::device_of;
use tests::authority;
use tests::browser::Tab;
use tests::hall::{self, Station, command};
use tests::lessons;
use tests::resident::{agree, learn};
use tests::scan::{Picture, words_of_pdf};
use tests::scratch::Scratch;
use tests::screens::pictures;

use super::harness::begin;
use super::screens::picture;

/// What the page asks of the hub; without it the page goes by what the browser keeps.
const HUB: [&str; 3] = ["*/xac-nhan/*", "*/hub.json", "*/revocations"];

/// Reads the code on the screen as another phone's camera does.
fn scan(tab: &Tab, name: &str) -> anyhow::Result<String> {
    tab.eval("document.querySelector('.code').scrollIntoView({ block: 'center', behavior: 'instant' })")?;
    Picture::of_png(&std::fs::read(picture(tab, name)?)?)?.code()
}

/// Learns the first lesson at a hub, agrees, and opens the page of confirmations.
fn learnt(tab: &Tab, home: &str, lesson: &lessons::Known) -> anyhow::Result<()> {
    tab.go(&format!("{home}/bai/{}/{}", lesson.course, lesson.lesson))?;
    learn(tab, lesson)?;
    agree(tab)?;
    tab.sees("Đã gửi cho tổ")?;
    tab.tap("Bài học")?;
    if tab.eval("isSecureContext")? == true {
        tab.sees("Trang này mở được cả khi không có mạng.")?;
    }
    tab.tap("Giấy xác nhận của tôi")?;
    tab.sees("Tự học")
}

fn province() -> String {
    ProvinceKey(authority::province().verifying_key().to_bytes()).to_string()
}

fn verify(text: &str) -> anyhow::Result<String> {
    command(&["verify", text, "--province", &province()])
}

/// Has a team member confirm the learner whose code is on the screen, in the course of a lesson.
fn attest(hub: &Station, tab: &Tab, lesson: &lessons::Known) -> anyhow::Result<String> {
    tab.sees("Máy của tổ chưa có xác nhận cho bà con.")?;
    let learner = scan(tab, "c1-learner-code")?;
    command(&["attest", "--data", hub.data()?, "--learner", &learner, "--course", &lesson.course.to_string()])?;
    Ok(learner.to_lowercase())
}

/// What a confirmation says, signed by a hub that another province gave its rights: believed there.
fn of_another_province(shown: &Statement) -> anyhow::Result<String> {
    let [province, hub] = [[78; 32], [79; 32]].map(|seed| SigningKey::from_bytes(&seed));
    let chain = Chain(vec![Credential::issue(&province, device_of(&hub), authority::hub_terms())]);
    let statement = Statement::sign(&hub, shown.purpose, shown.day, chain, shown.payload.clone())?;
    statement.verify(Some(&ProvinceKey(province.verifying_key().to_bytes())), None, shown.day)?;
    Ok(statement.to_string())
}

#[test]
fn what_a_team_attests_is_shown_and_believed_without_a_network() -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let lesson = &lessons::all()?[0];
    let tab = browser.blank()?;
    learnt(&tab, &hub.hall()?, lesson)?;
    picture(&tab, "c0-self-taught")?;
    let learner = attest(&hub, &tab, lesson)?;

    tab.tap("Xem tổ xác nhận chưa")?;
    tab.sees("Đã được xác nhận")?;
    tab.eval("scrollTo(0, 0)")?;
    picture(&tab, "c2-confirmed")?;
    let address = scan(&tab, "c3-code")?;
    let believed = verify(&address)?;
    let course = format!("confirmed in courses {}\n", lesson.course);
    assert!(believed.contains(&course) && believed.contains(&learner), "{believed}");
    tab.tap("Lấy ảnh")?;
    tab.sees("Xong rồi")?;
    picture(&tab, "c4-shared")?;

    // Without the hub: what the browser keeps is enough.
    tab.block(&HUB)?;
    tab.reload()?;
    tab.sees("Đã được xác nhận")?;
    tab.sees("Chưa hỏi được máy của tổ.")?;
    assert_eq!(scan(&tab, "c5-offline")?, address);
    Ok(())
}

#[test]
fn another_phone_tells_genuine_from_forged_and_revoked() -> anyhow::Result<()> {
    let (mut hub, _profile, browser) = begin()?;
    let lesson = &lessons::all()?[0];
    let tab = browser.blank()?;
    learnt(&tab, &hub.localhost()?, lesson)?;
    attest(&hub, &tab, lesson)?;
    tab.tap("Xem tổ xác nhận chưa")?;
    tab.sees("Đã được xác nhận")?;
    let address = scan(&tab, "c3-code")?;
    let (_, text) = address.split_once('#').context("the code holds an address")?;

    // The hub is gone, and the page with it: the phone opens what it has seen.
    hub.stop()?;
    tab.reload()?;
    tab.sees("Đã được xác nhận")?;
    assert_eq!(scan(&tab, "c5-no-hub")?, address);
    hub.resume()?;

    // Another address is another phone: nothing of the first is there.
    let other = browser.open(&format!("{}/xac-nhan#{text}", hub.hall()?))?;
    other.sees("Giấy này là thật")?;
    other.sees("Tổ công nghệ số cộng đồng số 1")?;
    other.sees("Tỉnh chưa thu quyền của ai")?;
    picture(&other, "c6-genuine")?;
    let shown = text.parse::<Statement>()?;
    let mut forged = shown.clone();
    let course = 1 + 16 + 3;
    forged.payload[course] ^= 1;
    let forged = forged.to_string();
    assert!(verify(&forged).unwrap_err().to_string().contains("is not believed"));
    let foreign = of_another_province(&shown)?;
    assert!(verify(&foreign).is_err());
    for (pasted, why) in [
        (forged.as_str(), "Giấy đã bị sửa sau khi ký."),
        (foreign.as_str(), "Giấy này không do tỉnh mà máy này biết cấp quyền."),
        (&text[..text.len() - 1], "Chữ bị thiếu hoặc sai."),
        ("xin chào", "Chữ bị thiếu hoặc sai."),
    ] {
        other.fill("Chữ của giấy xác nhận", pasted)?;
        other.tap("Kiểm tra")?;
        other.sees("Chưa tin được giấy này")?;
        other.sees(why)?;
    }
    picture(&other, "c7-refused")?;
    other.fill("Chữ của giấy xác nhận", &address)?;
    other.tap("Kiểm tra")?;
    other.sees("Giấy này là thật")?;

    // The province takes the hub's rights away; a phone that has the list refuses also without a network.
    let list = authority::revoke(&[hall::device(Path::new(hub.data()?))?])?.to_string();
    command(&["credential", "install", "--data", hub.data()?, &list])?;
    other.reload()?;
    other.sees("Chưa tin được giấy này")?;
    other.sees("đã bị tỉnh thu quyền")?;
    other.sees("Danh sách thu quyền số 1")?;
    other.block(&HUB)?;
    other.reload()?;
    other.sees("đã bị tỉnh thu quyền")?;
    picture(&other, "c8-revoked")?;
    let revoked = command(&["verify", &address, "--province", &province(), "--list", &list]);
    assert!(revoked.unwrap_err().to_string().contains("was revoked"));
    tab.reload()?;
    tab.sees("Tự học")?;
    tab.sees("đã bị tỉnh thu quyền")
}

#[test]
fn the_picture_the_print_and_the_badge_carry_the_same_confirmation() -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let downloads = Scratch::new("downloads")?;
    let lesson = &lessons::all()?[0];
    let tab = browser.blank()?;
    tab.download_to(downloads.path())?;
    learnt(&tab, &hub.hall()?, lesson)?;
    let learner = attest(&hub, &tab, lesson)?;
    // What a team prints with a name on it is taken by scanning it.
    let data = hub.data()?;
    let named = command(&["confirm", "--data", data, "--learner", &learner, "--holder", "Đặng Thị Ngọc Ẩn"])?;
    tab.go(&format!("{}/xac-nhan#{}", hub.hall()?, named.trim()))?;
    tab.sees("Đặng Thị Ngọc Ẩn")?;
    let address = scan(&tab, "c9-named")?;
    assert!(verify(&address)?.contains("Đặng Thị Ngọc Ẩn"));

    tab.tap("Lấy ảnh")?;
    let png = tab.downloaded(downloads.path(), "giay-xac-nhan.png")?;
    std::fs::write(pictures().join("giay-xac-nhan.png"), &png)?;
    let drawn = Picture::of_png(&png)?;
    assert!(drawn.width > 2_000 && drawn.width > drawn.height, "{} × {}", drawn.width, drawn.height);
    assert_eq!(drawn.code()?, address);

    tab.tap("Lấy bản in PDF")?;
    let pdf = tab.downloaded(downloads.path(), "giay-xac-nhan.pdf")?;
    std::fs::write(pictures().join("giay-xac-nhan.pdf"), &pdf)?;
    let file = downloads.path().join("giay-xac-nhan.pdf");
    assert_eq!(Picture::of_pdf(&file)?.code()?, address);
    let words = words_of_pdf(&file)?;
    for part in ["GIẤY XÁC NHẬN KỸ NĂNG SỐ", "Đặng Thị Ngọc Ẩn", "Xã Vĩnh Trạch", "Tổ công nghệ số cộng đồng số 1"]
    {
        assert!(words.contains(part), "{part} in {words}");
    }

    tab.tap("Lấy huy hiệu số (Open Badges)")?;
    let badge = tab.downloaded(downloads.path(), "huy-hieu-so.json")?;
    let badge: serde_json::Value = serde_json::from_slice(&badge)?;
    assert_eq!(badge["type"][1], "OpenBadgeCredential");
    let evidence = badge["evidence"][0]["narrative"].as_str().context("the evidence is the confirmation")?;
    assert!(verify(evidence)?.contains(&learner));
    let by_command: serde_json::Value =
        serde_json::from_str(&command(&["export", "badges", "--data", data, "--learner", &learner])?)?;
    assert_eq!(by_command, badge);
    Ok(())
}
