//! The texts of this screen. They stand apart from [`crate::messages`], which every phone downloads before its
//! first lesson; the same rules hold for them.

use crate::messages::{Lang, fill};

/// Makes the enum and the table from one list, so that neither can miss an entry.
macro_rules! words {
    ($($name:ident: $vi:literal, $en:literal;)*) => {
        /// A text of the screen, named after what it says.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Word {
            $(#[doc = $en] $name,)*
        }

        impl Word {
            /// Every text.
            pub const ALL: &[Self] = &[$(Self::$name,)*];
        }

        const TABLE: &[[&str; 2]] = &[$([$vi, $en],)*];

        const NAMES: &[&str] = &[$(stringify!($name),)*];
    };
}

words! {
    // The learner's own confirmation.
    Title: "Giấy xác nhận", "Confirmation";
    SelfTaught: "Tự học", "Self-taught";
    SelfTaughtWhy: "Bà con tự học, chưa có ai xác nhận.", "You learnt by yourself; nobody has confirmed it yet.";
    NothingYet: "Máy này chưa có bài nào học xong.", "No lesson was finished on this phone yet.";
    Locked: "Hồ sơ này có mã khóa. Bà con mở ở trang bài học trước.", "This learner has a PIN. Please open the lessons first.";
    ToLessons: "Về danh sách bài học", "To the lessons";
    Opening: "Đang mở giấy xác nhận…", "Opening the confirmation…";
    Confirmed: "Đã được xác nhận", "Confirmed";
    BasicMet: "Đạt kỹ năng số cơ bản", "Has basic digital skills";
    CanDo: "Làm được các việc trong khóa", "Can do what these courses teach";
    CriteriaVersion: "Theo bộ tiêu chí số {}", "By criteria number {}";
    CriteriaProvisional: "Theo bộ tiêu chí số {}, bản tạm", "By criteria number {}, provisional";
    CourseNumber: "Khóa học số {}", "Course {}";
    Holder: "Người học", "Learner";
    LearnerNumber: "Mã người học", "Learner's code";
    LivesIn: "Nơi ở", "Lives in";
    ConfirmedBy: "Nơi xác nhận", "Confirmed by";
    ConfirmedOn: "Ngày xác nhận", "Confirmed on";
    IssuerProvince: "Tỉnh An Giang", "An Giang province";
    IssuerTeam: "Tổ công nghệ số cộng đồng, {}", "Community digital technology team, {}";
    IssuerTeamNumber: "Tổ công nghệ số cộng đồng số {}, {}", "Community digital technology team {}, {}";
    Day: "ngày {} tháng {} năm {}", "day {}, month {}, year {}";
    ScanMe: "Đưa mã này cho người muốn kiểm tra.", "Show this code to whoever wants to check.";
    CodeOfPaper: "Mã QR của giấy xác nhận", "QR code of the confirmation";
    KeptHere: "Giấy này đã giữ trên máy, mất mạng vẫn mở được.", "It is kept on this phone and opens without a network.";

    // What is asked.
    AskedTitle: "Kỹ năng số cơ bản", "Basic digital skills";
    AskedProvisional: "Đây là bản tạm, chờ tiêu chí chính thức.", "Provisional, until there are official criteria.";
    AskedDone: "Đã học đủ {} bài", "All {} lessons done";
    AskedLeft: "Đã học {} trên {} bài", "{} of {} lessons done";
    LearnMore: "Học tiếp", "Go on";
    AllDone: "Bà con đã học đủ các bài. Hay quá!", "You have done every lesson asked for. Well done!";

    // How to get it confirmed.
    HowTitle: "Muốn được xác nhận", "To have it confirmed";
    HowMeet: "Bà con gặp người trong tổ công nghệ số ở ấp, khóm.", "Meet the digital technology team of your hamlet.";
    HowShow: "Làm thử cho tổ xem, rồi đưa mã này.", "Show them what you can do, then show this code.";
    HowAgree: "Trước hết bà con chọn xã và đồng ý gửi kết quả.", "First choose your commune and agree to send your progress.";
    ChooseCommune: "Chọn xã của mình", "Choose my commune";
    CodeOfLearner: "Mã QR của người học", "QR code of the learner";
    AskAgain: "Xem tổ xác nhận chưa", "See whether the team has confirmed it";
    Asking: "Đang hỏi máy của tổ…", "Asking the team's hub…";
    NotYet: "Máy của tổ chưa có xác nhận cho bà con.", "The team's hub has no confirmation for you yet.";
    Unreachable: "Chưa hỏi được máy của tổ.", "The team's hub does not answer.";

    // Sharing.
    ShareTitle: "Gửi hoặc in", "Share or print";
    SharePicture: "Lấy ảnh", "As a picture";
    SharePrint: "Lấy bản in PDF", "As a PDF to print";
    ShareBadge: "Lấy huy hiệu số (Open Badges)", "As a digital badge (Open Badges)";
    Making: "Đang vẽ, bà con chờ chút nhé.", "Drawing, one moment please.";
    Made: "Xong rồi, tên tệp là {}", "Done, the file is named {}";
    ShareFailed: "Trình duyệt này chưa làm được. Bà con chụp màn hình nhé.", "This browser cannot. Please take a screenshot.";

    // Checking what somebody shows.
    CheckTitle: "Kiểm tra giấy của người khác", "Check somebody's confirmation";
    CheckHow: "Quét mã QR bằng máy ảnh, hoặc dán chữ vào đây.", "Scan the QR code with the camera, or paste its text here.";
    CheckField: "Chữ của giấy xác nhận", "Text of the confirmation";
    Check: "Kiểm tra", "Check";
    Genuine: "Giấy này là thật", "This confirmation is genuine";
    NotBelieved: "Chưa tin được giấy này", "This confirmation is not believed";
    Unreadable: "Chữ bị thiếu hoặc sai. Bà con quét hoặc dán lại nhé.", "Letters are missing or wrong. Please scan or paste again.";
    NoProvince: "Máy này chưa biết khóa của tỉnh. Bà con mở ở máy của tổ một lần.", "This phone does not know the province's key yet. Open this page at a hub once.";
    OtherProvince: "Giấy này không do tỉnh mà máy này biết cấp quyền.", "It does not come from the province that this phone knows.";
    Forged: "Giấy đã bị sửa sau khi ký.", "It was changed after it was signed.";
    Revoked: "Nơi ký giấy này đã bị tỉnh thu quyền. Tổ khác có thể làm giấy mới.", "The province took its signer's rights away. Another team can make a new one.";
    Expired: "Ngày ký nằm ngoài thời hạn của nơi ký.", "It was signed outside the validity of its signer.";
    Ahead: "Ngày ký ở tương lai. Bà con xem lại ngày của máy này.", "It is dated in the future. Please look at this phone's date.";
    NoRight: "Nơi ký không có quyền xác nhận ở xã này.", "Its signer may not confirm in this commune.";
    ToOwn: "Xem giấy của tôi", "See my own";

    // What it was checked against.
    AgainstTitle: "Máy đã kiểm tra thế nào?", "How was it checked?";
    AgainstKey: "So với khóa của tỉnh: {}", "Against the province's key: {}";
    AgainstNoKey: "Chưa biết khóa của tỉnh.", "The province's key is not known.";
    AgainstOther: "Máy của tổ này dùng khóa khác. Bà con hỏi lại tổ nhé.", "This hub goes by another key. Please ask the team.";
    AgainstList: "Danh sách thu quyền số {}, nhận {}.", "Revocation list {}, received on {}.";
    AgainstNoList: "Tỉnh chưa thu quyền của ai, hỏi {}.", "The province has revoked nobody, asked on {}.";
    AgainstUnknown: "Chưa có danh sách thu quyền của tỉnh.", "The province's revocation list is not known.";
    AgainstOffline: "Kiểm tra ngay trên máy, không cần mạng.", "Checked on this phone, without a network.";

    // The drawn sheet.
    SheetMovement: "BÌNH DÂN HỌC VỤ SỐ", "DIGITAL LITERACY FOR ALL";
    SheetProvince: "TỈNH AN GIANG", "AN GIANG PROVINCE";
    SheetTitle: "GIẤY XÁC NHẬN KỸ NĂNG SỐ", "CONFIRMATION OF DIGITAL SKILLS";
    SheetScan: "Quét để kiểm tra", "Scan to check";
    SheetKey: "Khóa của tỉnh: {}", "The province's key: {}";
    SheetMore: "và {} khóa khác, xem trong mã QR", "and {} more, see the QR code";
    SheetNot: "Ghi nhận việc học trong cộng đồng, không thay cho văn bằng, chứng chỉ.", "Recognises learning in the community; it replaces no diploma or certificate.";
}

/// Khmer, `Name: text` a line.
const KHMER: &str = include_str!("khmer.txt");

fn khmer(name: &str) -> Option<&'static str> {
    KHMER.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

/// Returns a text in a language.
pub fn word(lang: Lang, word: Word) -> &'static str {
    let [vi, en] = TABLE[word as usize];
    match lang {
        Lang::Vi => vi,
        Lang::En => en,
        Lang::Km => khmer(NAMES[word as usize]).unwrap_or(vi),
    }
}

/// Returns a text with values in it.
pub fn filled(lang: Lang, what: Word, values: &[&str]) -> String {
    fill(word(lang, what), values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_there_and_takes_the_same_values() {
        for [vi, en] in TABLE {
            assert!(!vi.is_empty() && !en.is_empty() && vi.trim() == *vi && en.trim() == *en, "{vi}");
            assert_eq!(vi.matches("{}").count(), en.matches("{}").count(), "{vi}");
        }
        assert_eq!(Word::ALL.len(), TABLE.len());
        for (&word, name) in Word::ALL.iter().zip(NAMES) {
            let [vi, _] = TABLE[word as usize];
            let km = khmer(name).unwrap_or_default();
            assert!(!km.is_empty() && km.trim() == km, "{name} has no text in Khmer");
            assert_eq!(vi.matches("{}").count(), km.matches("{}").count(), "{km}");
        }
    }

    #[test]
    fn sentences_have_at_most_fifteen_words() {
        for [vi, _] in TABLE {
            let long = vi.split(['.', '!', '?']).find(|sentence| sentence.split_whitespace().count() > 15);
            assert_eq!(long, None);
        }
    }
}
