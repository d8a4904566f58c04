use super::*;
use crate::{
    communes,
    protocol::{Failure, FromWorker},
    route::Pane,
    state::{Load, Moment, Play, Reading, sample},
};

const MOMENT: Moment = Moment { day: 20_780, nonce: 1 };

fn nothing(_: Action) {}

fn html(app: &App) -> String {
    screen(app, nothing).to_html()
}

fn has(app: &App, words: &str) {
    let html = html(app);
    assert!(html.contains(words), "{words:?} in {html}");
}

fn lacks(app: &App, words: &str) {
    assert!(!html(app).contains(words), "{words:?}");
}

fn go(app: &mut App, address: &str) {
    app.update(Action::Go(Route::parse(address).unwrap()), MOMENT);
}

fn with_lesson() -> App {
    let mut app = sample::app();
    app.reading = Reading::Whole;
    go(&mut app, "/bai/1/1");
    app.update(Action::LessonLoaded((1, 1), sample::hash(1), Ok(sample::lesson(1))), MOMENT);
    app
}

fn finished() -> App {
    let mut app = with_lesson();
    for (quiz, option) in [(0, 1), (1, 0), (1, 2)] {
        app.update(Action::Choose { quiz, option }, MOMENT);
    }
    app.update(Action::Answer { quiz: 1 }, MOMENT);
    app.update(Action::Finish, MOMENT);
    app
}

#[test]
fn home_offers_the_next_lesson() {
    let app = sample::app();
    has(&app, "Bắt đầu học");
    has(&app, r#"href="/bai/1/1""#);
    lacks(&app, "Đã xong");
    let mut app = finished();
    go(&mut app, "/");
    has(&app, "Học tiếp");
    has(&app, "Đã xong 1 trên 3 bài");
    has(&app, r#"href="/bai/1/2" class="primary""#);
}

#[test]
fn without_a_script_the_lesson_and_its_answers_are_all_there() {
    let mut app = with_lesson();
    app.live = false;
    for words in ["<strong>một cái ví đựng giấy tờ</strong>", "<details", "Xem đáp án", "chìa khóa nhà"]
    {
        has(&app, words);
    }
    lacks(&app, "<button");
}

fn step_by_step() -> App {
    let mut app = with_lesson();
    app.update(Action::Whole(false), MOMENT);
    app
}

fn act_on(app: &mut App, action: Action) -> Vec<crate::state::Effect> {
    app.update(action, MOMENT)
}

#[test]
fn a_lesson_is_shown_one_step_at_a_time() {
    let mut app = step_by_step();
    for words in ["Màn 1 trên 4", "Học xong bài này", "<h1", "Tiếp tục", "Đọc cả bài", "một cái ví đựng giấy tờ"]
    {
        has(&app, words);
    }
    lacks(&app, "Quay lại");
    lacks(&app, "đọc mã OTP");
    act_on(&mut app, Action::Onward);
    for words in ["Màn 2 trên 4", "đọc mã OTP", "Phần này chưa xong.", "Bỏ qua lúc này", "Quay lại"] {
        has(&app, words);
    }
    lacks(&app, "Học xong bài này");
    lacks(&app, "Tiếp tục");
    act_on(&mut app, Action::Choose { quiz: 0, option: 1 });
    has(&app, "Tiếp tục");
    act_on(&mut app, Action::StepBack);
    has(&app, "Màn 1 trên 4");
}

#[test]
fn the_first_step_begins_as_the_servers_page_does() {
    let mut app = step_by_step();
    let live = html(&app);
    app.live = false;
    let still = html(&app);
    let head = |html: &str| html[html.find("<header").unwrap()..html.find("</section>").unwrap()].to_owned();
    // Where the script will show the button that reads aloud, the server leaves room for it.
    let button = |html: &str| head(html).split("<div class=\"aloud-head\">").map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(button(&live)[0], button(&still)[0]);
    let rest = |html: &str| button(html)[1].split_once("</header>").unwrap().1.to_owned();
    assert_eq!(rest(&live), rest(&still));
    assert!(
        button(&still)[1].starts_with("<div aria-hidden=\"true\" class=\"aloud still\">")
            && !still.contains("<button type=\"button\" class=\"aloud")
    );
    for place in ["man-1", "man-2", "man-4", "khoi-1", "khoi-5"] {
        assert!(still.contains(&format!(r#"id="{place}""#)), "{place} in {still}");
    }
}

#[test]
fn what_was_passed_over_is_come_back_to_at_the_end() {
    let mut app = step_by_step();
    for _ in 0..3 {
        act_on(&mut app, Action::Onward);
    }
    has(&app, "Màn 4 trên 4");
    has(&app, "Bài này dựa theo");
    act_on(&mut app, Action::Finish);
    for words in ["Màn 2 trên 4", "Còn 2 câu chưa đúng. Mình làm tiếp nhé."] {
        has(&app, words);
    }
    act_on(&mut app, Action::Choose { quiz: 0, option: 1 });
    act_on(&mut app, Action::Onward);
    has(&app, "Màn 4 trên 4");
    for option in [0, 2] {
        act_on(&mut app, Action::Choose { quiz: 1, option });
    }
    act_on(&mut app, Action::Answer { quiz: 1 });
    act_on(&mut app, Action::Finish);
    has(&app, "Bà con đã học xong!");
}

#[test]
fn home_leads_back_to_the_place_in_an_unfinished_lesson() {
    let mut app = step_by_step();
    act_on(&mut app, Action::Onward);
    act_on(&mut app, Action::Onward);
    go(&mut app, "/");
    has(&app, r#"href="/bai/1/1#man-3" class="primary""#);
    has(&app, "Đang học dở: VNeID là gì, dùng để làm gì");
    has(&app, "Học tiếp");
}

#[test]
fn each_option_has_its_own_feedback_only_after_a_tap() {
    let mut app = with_lesson();
    lacks(&app, "chìa khóa nhà");
    app.update(Action::Choose { quiz: 0, option: 0 }, MOMENT);
    has(&app, "chìa khóa nhà");
    has(&app, "Chưa đúng, không sao cả. Bà con chọn lại nhé.");
    lacks(&app, "Cán bộ thật không bao giờ hỏi");
    app.update(Action::Choose { quiz: 0, option: 1 }, MOMENT);
    has(&app, "Cán bộ thật không bao giờ hỏi");
    has(&app, "Đúng rồi!");
}

fn with_exercises() -> App {
    let mut app = sample::app();
    app.reading = Reading::Whole;
    go(&mut app, "/bai/1/1");
    app.update(Action::LessonLoaded((1, 1), sample::hash(1), Ok(sample::exercises())), MOMENT);
    app
}

fn play(app: &mut App, exercise: usize, play: Play) {
    app.update(Action::Play { exercise, play }, MOMENT);
}

#[test]
fn without_a_script_the_exercises_and_what_to_do_in_them_are_all_there() {
    let mut app = with_exercises();
    app.live = false;
    for words in
        ["Màn hình 2 trên 2", "Bà con gõ: Trần Thị Mẫu", "Mình không vay", "Đường dẫn lạ.", "<ol><li>", "Xem thứ tự"]
    {
        has(&app, words);
    }
    lacks(&app, "<button");
    lacks(&app, "<input");
}

#[test]
fn a_practice_shows_one_screen_and_helps_more_with_each_miss() {
    let mut app = with_exercises();
    for words in ["Bài tập 1 trên 3 · Tập bấm thử", "Mình tập gửi tiền.", "Màn hình 1 trên 2"] {
        has(&app, words);
    }
    lacks(&app, "Mình không vay");
    lacks(&app, "Tiếp tục");
    play(&mut app, 0, Play::Tap(0));
    has(&app, "Mình không vay");
    lacks(&app, "Thử chạm vào đây");
    play(&mut app, 0, Play::Tap(0));
    has(&app, "Thử chạm vào đây");
    play(&mut app, 0, Play::Tap(1));
    for words in ["Dạ đúng nút.", "Bà con gõ: Trần Thị Mẫu", "không lưu, không gửi đi đâu", "Màn hình trước"]
    {
        has(&app, words);
    }
    lacks(&app, "Thử chạm vào đây");
    play(&mut app, 0, Play::Tap(2));
    has(&app, "Tên chị là <em>Trần Thị Mẫu</em>.");
    play(&mut app, 0, Play::Type(1, "tran thi mau".into()));
    has(&app, "phone-field filled");
    play(&mut app, 0, Play::Tap(2));
    for words in ["Thành công", "Đã chuyển 200.000 đồng", "Cô bác chuyển được tiền rồi!", "Làm lại từ đầu"]
    {
        has(&app, words);
    }
}

#[test]
fn the_signs_of_a_message_are_marked_only_after_it_was_judged() {
    let mut app = with_exercises();
    lacks(&app, "<mark>");
    lacks(&app, "Đường dẫn lạ.");
    play(&mut app, 1, Play::Judge(content::pack::Verdict::Genuine));
    has(&app, "<mark>tiendien-gap.example");
    for words in ["Mình coi kỹ đường dẫn nghen.", "Dấu hiệu lừa đảo", "Đường dẫn lạ.", "Hối thúc cho mình cuống."]
    {
        has(&app, words);
    }
    play(&mut app, 1, Play::Judge(content::pack::Verdict::Scam));
    has(&app, "Dạ đúng. Mình hỏi điện lực.");
    lacks(&app, "Mình coi kỹ đường dẫn nghen.");
}

#[test]
fn steps_get_their_numbers_and_end_in_order() {
    let mut app = with_exercises();
    play(&mut app, 2, Play::Step(1));
    has(&app, "Nhập số xong thì tên hiện ra.");
    lacks(&app, "Thử chạm vào đây");
    play(&mut app, 2, Play::Step(2));
    has(&app, "Thử chạm vào đây");
    for step in 0..3 {
        play(&mut app, 2, Play::Step(step));
    }
    lacks(&app, "Bước này sau cùng.");
    let shown = html(&app);
    let places = ["Nhập số tài khoản.", "Coi tên người nhận.", "Xác nhận chuyển."].map(|step| shown.find(step));
    assert!(places.is_sorted() && places[0].is_some(), "{places:?}");
    has(&app, "Đúng rồi!");
}

#[test]
fn the_last_button_says_how_many_exercises_are_left() {
    let mut app = with_exercises();
    app.update(Action::Finish, MOMENT);
    has(&app, "Còn 1 câu chưa đúng. Còn 3 bài tập chưa làm. Mình làm tiếp nhé.");
    app.update(Action::Choose { quiz: 0, option: 0 }, MOMENT);
    has(&app, "Còn 3 bài tập chưa làm. Mình làm tiếp nhé.");
    lacks(&app, "Còn 1 câu");
}

#[test]
fn the_last_button_before_the_last_answer_says_what_is_left() {
    let mut app = with_lesson();
    app.update(Action::Finish, MOMENT);
    has(&app, "Còn 2 câu chưa đúng. Mình làm tiếp nhé.");
}

#[test]
fn a_finished_lesson_says_where_the_record_is_and_what_comes_next() {
    let mut app = finished();
    for words in ["Bà con đã học xong!", "Đang lưu trên máy…", "Chọn xã của mình", "Học bài tiếp theo"]
    {
        has(&app, words);
    }
    lacks(&app, "Đã lưu trên máy này");
    lacks(&app, "Đã gửi cho tổ");
    let spoken =
        html(&app).split("class=\"lesson-head\"").nth(1).unwrap().split("</button>").next().unwrap().to_owned();
    for words in ["Bây giờ bà con đã biết", "Mở cửa hàng ứng dụng, tìm VNeID.", "<span>Nghe"] {
        assert!(spoken.contains(words), "{words} in {spoken}");
    }
    app.update(Action::Worker(FromWorker::Failed { nonce: None, reason: Failure::NoStorage }), MOMENT);
    has(&app, "Đang giữ tạm trong trình duyệt");
    has(&app, "Trình duyệt đang chặn việc lưu.");
    app.update(Action::Later, MOMENT);
    lacks(&app, "Chọn xã của mình");
}

#[test]
fn communes_are_found_and_consent_starts_unticked() {
    let mut app = sample::app();
    go(&mut app, "/xa");
    let list = communes::parse(include_str!("../../communes.csv")).unwrap();
    app.update(Action::CommunesLoaded(Ok(list)), MOMENT);
    has(&app, "Có 102 nơi");
    app.update(Action::Search("rach soi".into()), MOMENT);
    has(&app, "Phường Rạch Giá");
    has(&app, "Trước là Phường Rạch Sỏi");
    app.update(Action::Pick(30_742), MOMENT);
    has(&app, "một mã số ngẫu nhiên, không phải tên");
    lacks(&app, "checked");
    app.update(Action::Agree, MOMENT);
    has(&app, "Bà con đánh dấu vào ô đồng ý trước nhé.");
    app.update(Action::Tick(true), MOMENT);
    app.update(Action::Agree, MOMENT);
    has(&app, "Bà con đang gửi kết quả cho Phường Rạch Giá.");
}

#[test]
fn what_did_not_come_is_told_and_can_be_tried_again() {
    let mut app = with_lesson();
    let damaged = LoadError::Damaged("byte 7".into());
    app.lessons.insert((1, 1), Load::Failed(damaged));
    has(&app, "Máy nhận được bài không đọc được (byte 7).");
    has(&app, "Thử lại");
    app.lessons.insert((1, 1), Load::Failed(LoadError::Network));
    has(&app, "Chưa tải được bài vì mất mạng của tổ.");
    app.route = None;
    has(&app, "Không có trang này");
}

#[test]
fn text_from_a_course_is_escaped_where_it_is_text() {
    let mut app = sample::app();
    let mut catalogue = sample::catalogue();
    catalogue.courses[0].title = "<script>alert(1)</script>".into();
    app.update(Action::CatalogueLoaded(Ok(catalogue)), MOMENT);
    lacks(&app, "<script>");
}

#[test]
fn what_the_page_holds_is_erased_where_the_store_never_opened() {
    let mut app = App { route: Some(Route::Me(Pane::Erase)), ..sample::app() };
    let button = text(app.lang, Message::EraseNow);
    assert!(!me::screen(&app, nothing).to_html().contains(button), "the store may still name them");
    app.hear_me(FromWorker::Failed { nonce: None, reason: Failure::NoStorage }, MOMENT);
    assert!(me::screen(&app, nothing).to_html().contains(button));
}
