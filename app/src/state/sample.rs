//! A small course for tests of the state and the views.

use std::sync::Arc;

use content::pack::{
    Block, Catalogue, CourseManifest, Date, Hash, Html, Lesson, LessonSummary, Quiz, QuizOption, Source,
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
    }
}

pub(crate) fn app() -> App {
    App { route: Some(Route::Home), catalogue: Load::Ready(Arc::new(catalogue())), live: true, ..App::default() }
}
