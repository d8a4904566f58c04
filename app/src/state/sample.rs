//! A small course for tests of the state and the views.

use std::sync::Arc;

use content::pack::{
    Block, Button, Catalogue, Channel, CourseManifest, Date, End, Field, Hash, Html, Lesson, LessonSummary, Order,
    OrderStep, Part, Piece, Practice, Quiz, QuizOption, Scam, Screen, Source, Verdict,
};

use super::{App, Load};
use crate::route::Route;

pub(crate) fn date() -> Date {
    Date::new(2026, 11, 20).unwrap()
}

pub(crate) fn hash(lesson: u16) -> Hash {
    Hash([u8::try_from(lesson).unwrap(); 32])
}

pub(crate) fn catalogue() -> Catalogue {
    let lesson = |lesson: u16, title: &str| LessonSummary {
        lesson,
        title: title.into(),
        minutes: 5,
        blob: hash(lesson),
        assets: vec![],
        goal: "Bà con biết giữ kín mã OTP.".into(),
    };
    Catalogue {
        courses: vec![CourseManifest {
            course: 1,
            edition: 1,
            title: "VNeID: giấy tờ trên điện thoại".into(),
            summary: "Cài ứng dụng, kích hoạt và dùng VNeID một cách an toàn.".into(),
            reviewed: date(),
            language: "vi".into(),
            lessons: vec![
                lesson(1, "VNeID là gì, dùng để làm gì"),
                lesson(2, "Đăng nhập và giữ kín mật khẩu"),
                lesson(3, "Xem giấy tờ trong Ví giấy tờ"),
            ],
            speech: None,
        }],
    }
}

fn option(text: &str, right: bool, feedback: &str) -> QuizOption {
    QuizOption { text: Html::trusted(text), right, feedback: Html::trusted(feedback) }
}

/// A lesson with a question that has one right answer (the second) and one that has two (1 and 3).
pub(crate) fn lesson(lesson: u16) -> Lesson {
    Lesson {
        course: 1,
        lesson,
        title: "VNeID là gì, dùng để làm gì".into(),
        goal: "Bà con biết VNeID giúp được việc gì và tải ở đâu cho đúng.".into(),
        reviewed: date(),
        sources: vec![Source { title: "Nghị định 69/2024/NĐ-CP".into(), url: None }],
        blocks: vec![
            Block::Html(Html::trusted("<h2>VNeID là ứng dụng của Bộ Công an</h2>")),
            Block::Html(Html::trusted(
                "<p>VNeID giống như <strong>một cái ví đựng giấy tờ</strong> trong điện thoại.</p>",
            )),
            Block::Quiz(Quiz {
                question: Html::trusted("Có người lạ gọi, nói <em>đọc mã OTP</em>. Mình làm gì?"),
                options: vec![
                    option("Đọc mã cho họ", false, "Mã OTP giống chìa khóa nhà. Mình không đưa cho ai."),
                    option("Tắt máy, không đọc", true, "Cán bộ thật không bao giờ hỏi mã OTP."),
                ],
            }),
            Block::Html(Html::trusted("<ul><li>Xem căn cước</li><li>Xem thẻ bảo hiểm y tế</li></ul>")),
            Block::Quiz(Quiz {
                question: Html::trusted("VNeID làm được những việc nào?"),
                options: vec![
                    option("Xem thẻ bảo hiểm y tế", true, "Đúng, thẻ nằm trong Ví giấy tờ."),
                    option("Gọi xe ôm", false, "Việc này cần ứng dụng khác."),
                    option("Nộp hồ sơ trên mạng", true, "Đúng, dùng VNeID để đăng nhập."),
                ],
            }),
        ],
        task: Some("Mở cửa hàng ứng dụng, tìm VNeID.".into()),
    }
}

fn button(label: &str, right: bool, feedback: &str) -> Part {
    Part::Button(Button { label: label.into(), right, feedback: Html::trusted(feedback) })
}

fn practice() -> Practice {
    let field = Field {
        label: "Tên người nhận".into(),
        value: "Trần Thị Mẫu".into(),
        hint: Html::trusted("Tên chị là <em>Trần Thị Mẫu</em>."),
    };
    let screens = vec![
        Screen {
            title: "Ngân hàng Tập".into(),
            ask: Html::trusted("Tìm nút để gửi tiền."),
            parts: vec![
                button("Vay tiền", false, "Mình không vay. Tìm chữ Chuyển tiền nghen."),
                button("Chuyển tiền", true, "Dạ đúng nút."),
            ],
        },
        Screen {
            title: "Chuyển tiền".into(),
            ask: Html::trusted("Nhập tên, rồi bấm Tiếp tục."),
            parts: vec![
                Part::Text(Html::trusted("Số dư: 1.000.000 đồng")),
                Part::Field(field),
                button("Tiếp tục", true, "Dạ được."),
            ],
        },
    ];
    let end = End {
        title: "Thành công".into(),
        texts: vec![Html::trusted("Đã chuyển 200.000 đồng")],
        praise: Html::trusted("Cô bác chuyển được tiền rồi!"),
    };
    Practice { task: Html::trusted("Mình tập gửi tiền."), screens, end }
}

fn scam() -> Scam {
    let piece = |text: &str, sign: Option<&str>| Piece { text: text.into(), sign: sign.map(Html::trusted) };
    Scam {
        channel: Channel::Sms,
        sender: "Điện lực".into(),
        lines: vec![
            vec![
                piece("Nhà bác ", None),
                piece("30 phút nữa cắt điện", Some("Hối thúc cho mình cuống.")),
                piece(".", None),
            ],
            vec![piece("Trả tại ", None), piece("tiendien-gap.example", Some("Đường dẫn lạ."))],
        ],
        verdict: Verdict::Scam,
        feedback_to_scam: Html::trusted("Dạ đúng. Mình hỏi điện lực."),
        feedback_to_genuine: Html::trusted("Mình coi kỹ đường dẫn nghen."),
    }
}

fn order() -> Order {
    let step = |text: &str, hint: &str| OrderStep { text: Html::trusted(text), hint: Html::trusted(hint) };
    Order {
        question: Html::trusted("Xếp các bước chuyển tiền."),
        steps: vec![
            step("Nhập số tài khoản.", "Có số tài khoản trước."),
            step("Coi tên người nhận.", "Nhập số xong thì tên hiện ra."),
            step("Xác nhận chuyển.", "Bước này sau cùng."),
        ],
    }
}

/// A lesson with a practice, a message to judge, steps to put in order, and a question between them.
pub(crate) fn exercises() -> Lesson {
    let question = Quiz {
        question: Html::trusted("Ai được hỏi mã OTP?"),
        options: vec![option("Không ai hết", true, "Dạ đúng."), option("Công an", false, "Công an cũng không hỏi.")],
    };
    let blocks = vec![Block::Practice(practice()), Block::Quiz(question), Block::Scam(scam()), Block::Order(order())];
    Lesson { blocks, ..lesson(1) }
}

pub(crate) fn app() -> App {
    App { route: Some(Route::Home), catalogue: Load::Ready(Arc::new(catalogue())), live: true, ..App::default() }
}
