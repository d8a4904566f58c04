//! Every text the screens show, in every language.
//!
//! Vietnamese is what residents read: plain southern words, at most fifteen words a sentence, no
//! blame. English is for maintainers; both stand in the list below. Khmer lies in
//! `messages/khmer.txt`, by the names of that list. `{}` marks where [`fill`] puts a value.
//!
//! Only Vietnamese is compiled into what a phone downloads. The other languages reach a browser as one
//! [file](file::write) each, which its page names; a text that does not come is shown in Vietnamese.
//!
//! # Example
//!
//! ```
//! use app::messages::{Lang, Message, fill, text};
//!
//! assert_eq!(text(Lang::Vi, Message::Start), "Bắt đầu học");
//! assert_eq!(fill(text(Lang::En, Message::Minutes), &["5"]), "5 min");
//! ```

pub mod file;
#[cfg(target_arch = "wasm32")]
#[path = "messages/fetched.rs"]
mod others;
#[cfg(not(target_arch = "wasm32"))]
#[path = "messages/compiled.rs"]
mod others;

pub use others::*;

/// Language of the screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// Vietnamese.
    #[default]
    Vi,
    /// Khmer.
    Km,
    /// English.
    En,
}

impl Lang {
    /// Every language.
    pub const ALL: [Self; 3] = [Self::Vi, Self::Km, Self::En];

    /// Returns the BCP 47 tag, as in `<html lang>`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::Km => "km",
            Self::En => "en",
        }
    }

    /// Returns what the language calls itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::Vi => "Tiếng Việt",
            Self::Km => "ភាសាខ្មែរ",
            Self::En => "English",
        }
    }

    /// Finds a language by its tag.
    pub fn parse(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.tag() == tag)
    }
}

/// Makes the enum and the tables from one list, so that none can miss an entry.
macro_rules! messages {
    ({$($name:ident: $vi:literal, $en:literal;)*} {$($own:ident: $own_vi:literal, $own_en:literal;)*}) => {
        /// A text of the screens, named after what it says.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Message {
            $(#[doc = $en] $name,)*
            $(#[doc = $own_en] $own,)*
        }

        impl Message {
            /// Every message.
            pub const ALL: &[Self] = &[$(Self::$name,)* $(Self::$own,)*];
        }

        /// What the pages of lessons say.
        const LEARNING: &[&str] = &[$($vi,)*];

        /// What only other pages say. Nobody downloads it for a lesson: it is reached through
        /// `hold_every_text` alone.
        const OTHER_PAGES: &[&str] = &[$($own_vi,)*];

        #[cfg(not(target_arch = "wasm32"))]
        const ENGLISH: &[&str] = &[$($en,)* $($own_en,)*];

        /// The names in their order.
        #[cfg(not(target_arch = "wasm32"))]
        const NAMES: &[&str] = &[$(stringify!($name),)* $(stringify!($own),)*];

        /// Tells this list from that of another release.
        const LIST: u64 = file::fingerprint(concat!($(stringify!($name), "\n",)* $(stringify!($own), "\n",)*));
    };
}

messages! {{
    // Frame of every screen.
    Loading: "Đang mở bài, bà con chờ chút nhé.", "Opening, one moment please.";

    // Course list.
    HomeTitle: "Hôm nay mình học gì?", "What shall we learn today?";
    HomeAgain: "Mừng bà con trở lại!", "Welcome back!";
    HomeIntro: "Mỗi bài chừng năm phút. Học từ từ, không lo bấm sai.", "About five minutes a lesson. Take your time, nothing can break.";
    Start: "Bắt đầu học", "Start learning";
    Continue: "Học tiếp", "Continue";
    NextUp: "Bài kế tiếp: {}", "Next: {}";
    AllDone: "Bà con đã học xong hết các bài. Hay quá!", "You have finished every lesson. Well done!";
    Courses: "Các khóa học", "Courses";
    NoCourses: "Máy của tổ chưa có khóa học nào. Bà con nhắn người hướng dẫn nhé.", "This hub has no course yet. Please tell your guide.";
    LessonCount: "{} bài", "{} lessons";
    DoneCount: "Đã xong {} trên {} bài", "{} of {} lessons done";
    KeepCourse: "Giữ lại để học không cần mạng", "Keep it to learn without a network";
    KeepRest: "Tải phần còn thiếu để học không cần mạng", "Download the rest to learn without a network";
    KeepMeasuring: "Đang hỏi xem nặng bao nhiêu…", "Asking how large it is…";
    KeepSized: "Tải về máy: {} KB", "Download {} KB";
    KeepUnsized: "Tải về máy", "Download";
    KeepFetching: "Đã tải {} trên {} phần", "{} of {} parts downloaded";
    KeptHere: "Đã giữ trên máy", "Kept on this phone";
    KeepDrop: "Bỏ khỏi máy", "Remove from this phone";
    KeepNoNetwork: "Chưa tải được vì mất mạng của tổ.", "The hub does not answer.";
    KeepDamaged: "Phần tải về bị hỏng nên không giữ lại.", "What came is damaged and was not kept.";
    KeepNoRoom: "Máy chưa giữ được. Có thể máy hết chỗ lưu.", "It cannot be stored. The phone may be full.";
    Minutes: "{} phút", "{} min";
    Done: "Đã xong", "Done";
    Begun: "Đang học dở", "Begun";
    FindLesson: "Tìm bài học", "Find a lesson";
    FoundCount: "Có {} bài", "{} lessons";
    FoundNone: "Chưa thấy bài nào. Bà con thử chữ khác, ngắn hơn nhé.", "No lesson found. Please try another, shorter word.";
    FindAll: "Xem hết các bài", "Show every lesson";
    ReviewOffer: "Ôn lại {} câu", "Review {} questions";
    LearningNow: "Đang học dở: {}", "Begun: {}";
    // Opening without the hub.
    OfflineTitle: "Khi không có mạng", "Without a network";
    OfflineReady: "Trang này mở được cả khi không có mạng.", "This page opens without a network too.";
    OfflineNeedsHub: "Đóng trang rồi thì cần mạng của tổ mới mở lại được.", "Once closed, this page opens only on the team's network.";
    OfflineKeepOpen: "Đi xa thì bà con đừng đóng trang, bài đã giữ vẫn học được.", "Away from it, keep the page open: kept courses work on.";
    OfflineNewer: "Có bản mới. Bài đã học vẫn còn nguyên.", "There is a newer release. What you learnt stays.";
    OfflineUseNewer: "Dùng bản mới", "Use the newer release";
    OfflineNothing: "Máy này đang không giữ bài đã học nào. Bài đã gửi thì tổ vẫn còn.", "This phone holds nothing learnt. What was sent is still with the team.";
    OfflineClock: "Ngày giờ trên máy chưa đúng. Bà con nhờ người trong tổ chỉnh giúp.", "Date and time on this phone are wrong. Please ask the team to set them.";
    OfflineMayGo: "Máy gần đầy thì trình duyệt có thể xóa bài đã giữ.", "When the phone is nearly full, the browser may remove what is kept.";
    ConfirmationLink: "Giấy xác nhận của tôi", "My confirmation";

    // Lesson.
    LessonNumber: "Bài {}", "Lesson {}";
    Goal: "Học xong bài này", "After this lesson";
    Note: "Bà con nhớ", "Good to know";
    Warning: "Bà con cẩn thận", "Take care";
    QuizNumber: "Câu hỏi {} trên {}", "Question {} of {}";
    ChooseOne: "Bà con bấm vào câu mình chọn.", "Tap your answer.";
    ChooseMany: "Chọn hết các câu đúng, rồi bấm Trả lời.", "Choose every right answer, then tap Answer.";
    Answer: "Trả lời", "Answer";
    ShowAnswer: "Xem đáp án", "Show the answer";
    RightMark: "Đúng", "Right";
    WrongMark: "Chưa đúng", "Not quite";
    Right: "Đúng rồi!", "That is right!";
    Wrong: "Chưa đúng, không sao cả. Bà con chọn lại nhé.", "Not quite, no harm done. Please choose again.";
    Partly: "Gần đúng rồi. Bà con chọn thêm hoặc bỏ bớt nhé.", "Almost. Add or take away a choice.";
    NothingChosen: "Bà con chọn ít nhất một câu trước nhé.", "Please choose at least one answer first.";
    ExerciseNumber: "Bài tập {} trên {}", "Exercise {} of {}";
    PracticeTitle: "Tập bấm thử", "Practise";
    PracticeStep: "Màn hình {} trên {}", "Screen {} of {}";
    PracticeType: "Bà con gõ: {}", "Type: {}";
    PracticeEnd: "Xong hết rồi", "All done";
    PracticePrivate: "Đây là máy giả. Chữ bà con gõ không lưu, không gửi đi đâu.", "This phone is pretend. What you type is neither kept nor sent.";
    TapHere: "Thử chạm vào đây", "Try tapping here";
    TypeHere: "Thử gõ vào đây", "Try typing here";
    ScreenBefore: "Màn hình trước", "Screen before";
    Restart: "Làm lại từ đầu", "Start over";
    DrillTitle: "Thật hay lừa?", "Genuine or a scam?";
    DrillSms: "Tin nhắn từ {}", "Message from {}";
    DrillCall: "Cuộc gọi từ {}", "Call from {}";
    DrillChat: "Trò chuyện với {}", "Chat with {}";
    DrillAsk: "Bà con thấy thật hay lừa đảo?", "Is it genuine or a scam?";
    Genuine: "Thật", "Genuine";
    Scam: "Lừa đảo", "Scam";
    SignsScam: "Dấu hiệu lừa đảo", "What gives the scam away";
    SignsGenuine: "Vì sao tin được", "Why it can be trusted";
    JudgeGenuine: "Tôi thấy là thật", "I think it is genuine";
    JudgeScam: "Tôi thấy là lừa", "I think it is a scam";
    ShowSigns: "Xem các dấu hiệu", "Show the signs";
    OrderTitle: "Xếp cho đúng thứ tự", "Put in order";
    OrderHow: "Việc nào làm trước, bà con bấm trước.", "Tap what comes first, first.";
    UndoStep: "Bỏ bước vừa bấm", "Take back the last step";
    ShowOrder: "Xem thứ tự đúng", "Show the right order";
    Finish: "Hoàn thành bài học", "Finish the lesson";
    QuizzesLeft: "Còn {} câu chưa đúng.", "{} questions left.";
    ExercisesLeft: "Còn {} bài tập chưa làm.", "{} exercises left.";
    FinishEarly: "Mình làm tiếp nhé.", "Let us go on.";
    Sources: "Bài này dựa theo", "This lesson is based on";
    Reviewed: "Xem lại ngày {}", "Reviewed {}";
    NextStep: "Tiếp tục", "Go on";
    StepBack: "Quay lại", "Back";
    StepCount: "Màn {} trên {}", "Step {} of {}";
    StepOpen: "Phần này chưa xong. Bà con để sau cũng được.", "This part is not done. It can wait.";
    SkipStep: "Bỏ qua lúc này", "Skip for now";
    ReadWhole: "Đọc cả bài", "Read the whole lesson";
    ReadSteps: "Học từng màn một", "Learn step by step";

    // Reading aloud.
    Listen: "Nghe", "Listen";
    ListenAll: "Nghe cả bài", "Listen to the lesson";
    ListenOn: "Nghe tiếp phần sau", "Go on listening";
    ListenPause: "Tạm dừng", "Pause";
    ListenResume: "Nghe tiếp", "Go on";
    ListenStop: "Thôi nghe", "Stop";
    ListenSlow: "Chậm", "Slow";
    ListenNormal: "Thường", "Normal";
    ListenOpening: "Đang mở giọng đọc…", "Opening the voice…";
    ListenNoVoice: "Máy này chưa có giọng đọc tiếng Việt. Bà con nhờ người bên cạnh đọc giúp nhé.", "This phone has no Vietnamese voice. Please ask somebody to read it to you.";
    ListenNoNetwork: "Chưa nghe được vì mất mạng của tổ. Có mạng bà con tải giọng đọc về nhé.", "The hub does not answer. Download the voice once it does.";
    VoiceKeep: "Tải giọng đọc để nghe không cần mạng", "Download the voice to listen without a network";
    VoiceSized: "Tải giọng đọc: {} KB", "Download the voice: {} KB";
    VoiceKept: "Giọng đọc đã giữ trên máy", "The voice is kept on this phone";

    // After a lesson.
    Finished: "Bà con đã học xong!", "You finished the lesson!";
    NowYouCan: "Bây giờ bà con đã biết", "Now you know";
    NextLesson: "Học bài tiếp theo", "Next lesson";
    BackToLessons: "Về danh sách bài học", "Back to the lessons";
    ReadAgain: "Xem lại bài này", "Read it again";
    AskCommune: "Bà con muốn tổ biết mình đã học?", "Shall the team know that you learnt?";
    AskCommuneWhy: "Chọn xã để gửi kết quả. Không gửi thì vẫn học bình thường.", "Choose your commune to send it. You can also learn without sending.";
    ChooseCommune: "Chọn xã của mình", "Choose my commune";
    Later: "Để sau", "Later";
    TryNow: "Bà con thử trên máy mình", "Try it on your own phone";
    ReviewTitle: "Ôn lại", "Review";
    ReviewHow: "Câu nào chưa quen tay sẽ trở lại đây để mình ôn.", "What is not familiar yet comes back here.";
    ReviewNumber: "Câu ôn {} trên {}", "{} of {} to review";
    ReviewFrom: "Trong bài: {}", "From: {}";
    ReviewNext: "Câu tiếp theo", "Next one";
    ReviewDone: "Xong", "Done";
    ReviewKnown: "Câu này bà con nhớ kỹ rồi!", "You know this one well now!";
    ReviewTomorrow: "Mai mình ôn lại câu này một lần nữa nhé.", "We ask this one again tomorrow.";
    ReviewInDays: "{} ngày nữa mình ôn lại câu này.", "We ask this one again in {} days.";
    ReviewEnd: "Hôm nay ôn xong rồi!", "That is all for today!";
    ReviewNothing: "Hôm nay chưa có câu nào cần ôn", "Nothing to review today";
    ReviewNextTomorrow: "Ngày mai có câu để ôn. Bà con ghé lại nhé.", "There is something to review tomorrow.";
    ReviewNextInDays: "{} ngày nữa có câu để ôn. Bà con ghé lại nhé.", "There is something to review in {} days.";

    // State line.
    Progress: "Kết quả của bà con", "Your progress";
    NothingYet: "Chưa có bài nào xong.", "No lesson finished yet.";
    Saving: "Đang lưu trên máy…", "Saving on this phone…";
    Saved: "Đã lưu trên máy này", "Saved on this phone";
    HeldByPage: "Đang giữ tạm trong trình duyệt", "Held by the browser for now";
    HeldInMemory: "Chưa lưu được. Bà con đừng đóng trang này.", "Not saved yet. Please keep this page open.";
    NotSentNoCommune: "Chưa gửi đi đâu. Bài chỉ ở trên máy này.", "Sent nowhere. It is only on this phone.";
    WaitingOffline: "Chưa có mạng của tổ — bài vẫn được giữ trên máy", "No connection to the team — kept on this phone";
    WaitingConnecting: "Đang tìm máy của tổ…", "Looking for the team…";
    Sending: "Đang gửi cho tổ…", "Sending to the team…";
    SentSome: "Tổ đã nhận {} trên {} bài", "The team has {} of {} lessons";
    Sent: "Đã gửi cho tổ", "Sent to the team";
    WaitingProvince: "Đang chờ tới tỉnh", "On its way to the province";
    Arrived: "Đã về tỉnh", "Arrived at the province";

    // Commune and consent.
    CommuneTitle: "Bà con ở xã, phường nào?", "Which commune do you live in?";
    CommuneIntro: "Gõ tên mới hay tên cũ đều được, không cần dấu.", "Type the new or the former name, with or without marks.";
    CommuneSearch: "Tên xã, phường", "Name of the commune";
    CommuneNone: "Không thấy tên này. Bà con thử gõ ngắn hơn nhé.", "No such name. Try typing less of it.";
    CommuneCount: "Có {} nơi", "{} found";
    CommuneFormer: "Trước là {}", "Formerly {}";
    CommuneNeedsApp: "Đang mở danh sách xã. Lâu quá thì bà con tải lại trang.", "Opening the list. If it takes long, reload the page.";
    CommuneChosen: "Xã, phường đã chọn", "Chosen commune";
    CommuneOther: "Chọn nơi khác", "Choose another";
    ConsentTitle: "Bà con có đồng ý gửi kết quả không?", "Do you agree to send your progress?";
    ConsentIntro: "Máy chỉ gửi bốn điều này cho tổ và cho tỉnh:", "Only these four things go to the team and the province:";
    ConsentCommune: "xã, phường bà con chọn", "the commune you chose";
    ConsentLesson: "bài nào đã học, đúng được bao nhiêu", "which lesson, and how much was right";
    ConsentDay: "ngày học", "the day";
    ConsentId: "một mã số ngẫu nhiên, không phải tên", "a random number, not your name";
    ConsentNot: "Không gửi tên, số điện thoại, số căn cước hay vị trí.", "No name, phone number, ID number or position is sent.";
    ConsentFree: "Không đồng ý thì bà con vẫn học bình thường.", "If you do not agree, you can still learn.";
    ConsentWithdraw: "Muốn rút lại thì bấm Của tôi, rồi bấm Rút lại đồng ý và xóa.", "To withdraw, tap Mine, then Withdraw and erase.";
    ConsentTick: "Tôi đồng ý gửi kết quả học của tôi", "I agree to send my progress";
    ConsentSend: "Đồng ý và gửi", "Agree and send";
    ConsentTickFirst: "Bà con đánh dấu vào ô đồng ý trước nhé.", "Please tick the box first.";
    ConsentDecline: "Không gửi, tôi chỉ học thôi", "Do not send, I only want to learn";
    ConsentSaved: "Đã ghi nhận. Cảm ơn bà con!", "Noted. Thank you!";
    ConsentCurrent: "Bà con đang gửi kết quả cho {}.", "Your progress goes to {}.";
    ConsentDeclined: "Bà con chọn không gửi. Muốn đổi ý lúc nào cũng được.", "You chose not to send. You can change your mind any time.";

    // What is one's own.
    Mine: "Của tôi", "Mine";
    PictureLotus: "Hoa sen", "Lotus";
    PictureBuffalo: "Con trâu", "Buffalo";
    PictureBoat: "Chiếc ghe", "Boat";
    PicturePalm: "Cây dừa", "Coconut palm";
    PictureFish: "Con cá", "Fish";
    PictureSun: "Mặt trời", "Sun";
    PictureMango: "Trái xoài", "Mango";
    PictureStar: "Ngôi sao", "Star";

    // What went wrong, in plain words.
    NotFoundTitle: "Không có trang này", "There is no such page";
    NotFound: "Địa chỉ này không còn. Bà con quay về danh sách bài nhé.", "This address leads nowhere. Please go back to the lessons.";
    FetchFailed: "Chưa tải được bài vì mất mạng của tổ. Bà con thử lại nhé.", "The hub does not answer. Please try again.";
    DamagedTitle: "Bài tải về bị hỏng", "The download is damaged";
    Damaged: "Máy nhận được bài không đọc được ({}). Bà con thử tải lại nhé.", "What arrived cannot be read ({}). Please load it again.";
    Retry: "Thử lại", "Try again";
    Broken: "Trang bị trục trặc. Bà con tải lại trang, bài đã học vẫn còn.", "This page stumbled. Please reload; what you learnt is kept.";
    WorkerFailed: "Trình duyệt này chưa lưu lâu dài được. Bà con vẫn học bình thường.", "This browser cannot keep progress for good. You can still learn.";
    StorageNone: "Trình duyệt đang chặn việc lưu. Có thể do chế độ ẩn danh.", "The browser blocks saving. It may be in private mode.";
    StorageFull: "Máy hết chỗ lưu. Bà con xóa bớt hình hoặc ứng dụng nhé.", "The phone is full. Please remove some pictures or apps.";
    StorageNewer: "Dữ liệu do bản mới hơn ghi. Bà con tải lại trang nhé.", "The data is from a newer release. Please reload the page.";
    StorageBroken: "Máy chưa đọc được dữ liệu đã lưu. Bà con nhờ tổ xem giúp.", "The saved data cannot be read. Please ask the team.";
    VersionMismatch: "Trang đã có bản mới. Bà con tải lại trang nhé.", "There is a newer release. Please reload the page.";

    // Province.
    PageTitleSuffix: "Bình dân học vụ số An Giang", "Digital Literacy for All, An Giang";
} {
    // Only the server, the learner's own page and the province's show these.

    // Frame of every screen.
    Brand: "Bình dân học vụ số", "Digital Literacy for All";
    Province: "Tỉnh An Giang", "An Giang province";
    SkipToContent: "Tới nội dung chính", "Skip to content";
    Lessons: "Bài học", "Lessons";
    BiggerText: "Chữ to hơn", "Bigger text";
    Help: "Trợ giúp", "Help";
    HelpTitle: "Bà con cần giúp gì?", "What do you need?";
    HelpTap: "Bấm nhầm không sao. Bấm Bài học ở dưới cùng để quay về.", "A wrong tap does no harm. Tap Lessons at the bottom to go back.";
    HelpTeam: "Cần người chỉ, bà con gọi người trong tổ công nghệ số ở ấp, khóm.", "For a hand, ask the digital technology team in your hamlet.";
    HelpSafe: "Trang này không bao giờ hỏi số căn cước, mật khẩu hay mã OTP.", "This page never asks for your ID number, password or one-time code.";
    HelpKept: "Bài đã học nằm trên máy này. Mất mạng bà con vẫn học tiếp được.", "What you learnt is on this phone. Without a network you can go on.";
    TextSize: "Cỡ chữ", "Text size";
    SizeNormal: "Vừa", "Normal";
    SizeLarge: "Lớn", "Large";
    SizeLarger: "Lớn hơn", "Larger";
    SizeLargest: "Lớn nhất", "Largest";
    CommuneLink: "Chọn xã, phường của mình", "Choose your commune";
    Language: "Ngôn ngữ", "Language";
    Theme: "Màu màn hình", "Colours";
    ThemeAuto: "Theo máy", "As the phone";
    ThemeLight: "Sáng", "Light";
    ThemeDark: "Tối", "Dark";
    ThemeContrast: "Tương phản cao", "High contrast";

    // Opening without the hub.
    InAppWhy: "Bà con đang xem trong ứng dụng khác. Mở bằng Chrome thì bài học được lưu lâu.", "You are within another app. In Chrome what you learn is kept for long.";
    InAppWhyOther: "Bà con đang xem trong ứng dụng khác. Mở bằng trình duyệt thì bài học được lưu lâu.", "You are within another app. In a browser what you learn is kept for long.";
    InAppOpen: "Mở bằng Chrome", "Open in Chrome";
    InAppCopy: "Chép địa chỉ trang này", "Copy the address of this page";
    InAppAddress: "Địa chỉ trang này", "Address of this page";
    InAppCopied: "Đã chép. Bà con mở trình duyệt rồi dán vào nhé.", "Copied. Open a browser and paste it there.";
    InAppHold: "Bà con bấm Sao chép ở dòng địa chỉ đang tô đậm nhé.", "Choose Copy on the marked address.";

    // What is one's own.
    PeopleLink: "Người khác học", "Somebody else learns";
    PeopleTitle: "Ai đang học?", "Who is learning?";
    PeopleIntro: "Mỗi người một hình. Máy không hỏi tên.", "A picture for each. Names are never asked.";
    PeopleNow: "Đang học", "Learning now";
    PeopleLocked: "Có mã 4 số", "Has a 4-digit code";
    PeopleAdd: "Thêm người học", "Add a learner";
    PeopleAddHow: "Bấm một hình mình thích là học được ngay.", "Tap a picture you like and start learning.";
    PeopleFull: "Máy này đã đủ người học.", "This phone has as many learners as it takes.";
    PinLink: "Mã 4 số", "4-digit code";
    PinWhy: "Mã chỉ giữ cho người mượn máy không xem được. Rành máy thì vẫn mở được.", "The code only keeps others on this phone from looking. An expert can get past it.";
    PinHow: "Bà con nghĩ ra 4 số dễ nhớ rồi gõ vào đây.", "Think of 4 digits you remember and type them here.";
    PinSet: "Dùng mã này", "Use this code";
    PinOn: "Hồ sơ này đang có mã.", "There is a code.";
    PinOff: "Bỏ mã", "Remove the code";
    PinAsk: "Bà con gõ mã 4 số của mình.", "Please type your 4-digit code.";
    PinWrong: "Chưa đúng mã. Không sao, bà con gõ lại nhé.", "Not that code. No harm done, please try again.";
    PinForgot: "Tôi quên mã", "I forgot the code";
    PinForgotHow: "Không ai xem lại mã được. Bà con bấm Thêm người học để học tiếp.", "Nobody can look the code up. Tap Add a learner to go on.";
    PinForgotKept: "Bài cũ vẫn nằm yên trên máy. Nhớ ra mã thì mở lại được.", "What you learnt stays. The code opens it whenever you remember.";
    KeptLink: "Máy đang giữ gì của tôi", "What is kept about me";
    KeptPicture: "Hình", "Picture";
    KeptId: "Mã số ngẫu nhiên", "Random number";
    KeptNothing: "chưa có", "none yet";
    KeptCommune: "Xã, phường", "Commune";
    KeptConsent: "Đồng ý gửi từ ngày", "Agreed to send on";
    KeptNoConsent: "chưa đồng ý", "not agreed";
    KeptSent: "Tổ đã nhận", "The team has";
    KeptArrived: "Tỉnh đã nhận", "The province has";
    KeptOf: "{} trên {} bài", "{} of {} lessons";
    KeptPin: "Mã 4 số", "4-digit code";
    KeptYes: "có", "yes";
    KeptNo: "không", "no";
    KeptLessons: "Bài đã học", "Lessons learnt";
    KeptLesson: "{}, đúng {} %", "{}, {} % right";
    SaveFile: "Lưu tất cả thành tệp", "Save everything as a file";
    SaveFileCare: "Ai có tệp này thì mở được hồ sơ. Bà con giữ kỹ nhé.", "Whoever has this file can open your record. Keep it safe.";
    MoveLink: "Chuyển sang máy khác", "Take it to another phone";
    MoveHow: "Mở máy ảnh của máy kia, soi vào ô vuông này.", "Point the other phone's camera at this square.";
    MoveCode: "Mã để máy kia soi", "Code for the other phone";
    MoveCare: "Ai soi được thì mở được hồ sơ. Chỉ đưa máy của mình soi thôi.", "Whoever scans it can open your record. Show it to your own phone only.";
    MoveWait: "Đang chuẩn bị, bà con chờ chút nhé.", "Getting ready, one moment please.";
    MoveFile: "Nhận từ tệp đã lưu", "Take from a saved file";
    MoveAsk: "Nhận hồ sơ này về máy?", "Take this record to this phone?";
    MoveLessons: "{} bài đã học", "{} lessons learnt";
    MoveSends: "Hồ sơ này đang gửi kết quả cho tổ và tỉnh.", "This record is sent to the team and the province.";
    MoveTake: "Nhận về máy này", "Take it to this phone";
    MoveLeave: "Không nhận", "Leave it";
    MoveDone: "Đã nhận xong. Bà con học tiếp được rồi.", "It is here. You can go on learning.";
    MoveDamaged: "Mã hoặc tệp này bị thiếu. Bà con soi hoặc chọn lại nhé.", "The code or file is not whole. Please scan or choose again.";
    MoveNewer: "Hồ sơ do bản mới hơn tạo. Bà con tải lại trang nhé.", "A newer release made this. Please reload the page.";
    MoveWithdrawn: "Hồ sơ này đã rút lại và xóa, nên không nhận được nữa.", "This record was withdrawn and erased. It cannot be taken over any more.";
    EraseLink: "Rút lại đồng ý và xóa", "Withdraw and erase";
    EraseNext: "Bấm nút dưới đây thì:", "When you tap the button below:";
    EraseHere: "Máy này xóa ngay.", "This phone erases at once.";
    EraseHub: "Máy của tổ xóa khi gặp máy này.", "The team's hub erases when it meets this phone.";
    EraseProvince: "Tỉnh và các máy khác xóa khi nối với tổ.", "The province and other nodes erase when they meet the hub.";
    EraseEver: "Xóa rồi không lấy lại được. Bà con vẫn học tiếp bình thường.", "It cannot be brought back. You can still learn.";
    EraseNow: "Rút lại và xóa hết", "Withdraw and erase all";
    EraseOnHere: "Đang xóa trên máy này…", "Erasing on this phone…";
    EraseDoneHere: "Máy này đã xóa", "Erased on this phone";
    EraseWaiting: "Đang chờ gặp máy của tổ", "Waiting to meet the team's hub";
    EraseSent: "Máy của tổ đã xóa", "Erased at the team";
    EraseWaitingProvince: "Đang chờ tới tỉnh", "On its way to the province";
    EraseArrived: "Tỉnh đã xóa", "Erased at the province";
    EraseElsewhere: "Hồ sơ này bắt đầu từ máy khác. Bà con nhờ tổ xóa giúp nhé.", "This record began on another phone. Please ask the team to erase it.";
    RemoveTitle: "Xóa hồ sơ trên máy này", "Remove the record from this phone";
    RemoveHow: "Máy này không giữ gì nữa. Bài đã gửi vẫn được tính.", "This phone keeps nothing more. What was sent still counts.";
    RemoveMore: "Muốn tổ và tỉnh cũng xóa, bà con bấm nút phía trên.", "To have it erased at the team and province too, use the button above.";
    Removed: "Đã xóa hồ sơ {} trên máy này.", "Removed {} from this phone.";
    TakeBack: "Lấy lại", "Take it back";

    // Province.
    ProvinceTitle: "Tình hình học tập theo xã, phường, đặc khu", "Learning by commune";
    ProvinceTotalLearners: "người học đã đồng ý gửi kết quả", "learners who agreed to send their progress";
    ProvinceTotalConfirmed: "người trong số đó đã được xác nhận", "of them confirmed by a team";
    ProvinceTotalLessons: "lượt hoàn thành bài học", "lessons completed";
    ProvinceTotalCommunes: "trên {} xã, phường, đặc khu đã có số liệu", "of {} communes have data";
    ProvinceTotalAge: "lần nhận số liệu gần nhất", "latest data received";
    ProvinceSource: "Số liệu do người học tự ghi trên điện thoại, gửi qua máy của tổ. Mỗi người học được tính một lần.", "Figures are recorded by learners on their phones and sent through team hubs. Each learner counts once.";
    ProvinceNotOfficial: "Đây không phải tỷ lệ phổ cập chính thức. Chỉ cột “Đã xác nhận” là số được tổ, xã hoặc tỉnh xác nhận.", "This is not the official rate. Only the column “Confirmed” was confirmed by a team, a commune or the province.";
    ProvinceSearch: "Tìm xã, phường", "Find a commune";
    ProvinceColumnCommune: "Xã, phường, đặc khu", "Commune";
    ProvinceColumnLearners: "Người học", "Learners";
    ProvinceColumnConfirmed: "Đã xác nhận", "Confirmed";
    ProvinceColumnLessons: "Bài hoàn thành", "Lessons completed";
    ProvinceColumnAge: "Số liệu mới nhất", "Newest data";
    ProvinceNoData: "Chưa có số liệu", "No data yet";
    ProvinceUnknown: "Mã xã không có trong danh mục: {}", "Commune code not in the list: {}";
    ProvinceFormer: "{} cũ", "former {}";
    ProvinceNow: "vừa xong", "just now";
    ProvinceMinutes: "{} phút trước", "{} min ago";
    ProvinceHours: "{} giờ trước", "{} h ago";
    ProvinceDays: "{} ngày trước", "{} days ago";
    ProvinceLive: "Đang cập nhật trực tiếp", "Live";
    ProvinceStatic: "Số liệu lúc mở trang", "As of when the page was opened";
    ProvinceLost: "Mất kết nối với máy của tỉnh. Đang thử lại.", "The province's node does not answer. Trying again.";
    ProvinceShown: "Đang xem {} trên {} nơi", "Showing {} of {}";
    ConfirmationCheck: "Kiểm tra giấy xác nhận", "Check a confirmation";
    AppNotBuilt: "Máy này chưa có phần ứng dụng. Chạy: cargo xtask build", "The app bundles are not built. Run: cargo xtask build";
}}

/// Returns a message in a language; in Vietnamese where the language has not come.
pub fn text(lang: Lang, message: Message) -> &'static str {
    let at = message as usize;
    others::texts(lang).and_then(|texts| texts.get(at)).copied().unwrap_or_else(|| vietnamese(at))
}

/// Returns a text in Vietnamese; nothing for one that this page does not hold.
fn vietnamese(at: usize) -> &'static str {
    let other = || others::other_pages().get(at.checked_sub(LEARNING.len())?);
    LEARNING.get(at).or_else(other).copied().unwrap_or_default()
}

/// Returns the texts in Vietnamese that this page holds, in the order of the list.
fn held() -> impl Iterator<Item = &'static str> {
    LEARNING.iter().chain(others::other_pages()).copied()
}

/// Tells whether a text can stand where the Vietnamese one does: it says something, and takes as many values.
fn fits(vietnamese: &str, text: &str) -> bool {
    !text.trim().is_empty() && vietnamese.matches("{}").count() == text.matches("{}").count()
}

/// Puts values, in order, where the text has `{}`.
pub fn fill(text: &str, values: &[&str]) -> String {
    let mut filled = String::with_capacity(text.len() + 16);
    let mut values = values.iter();
    let mut parts = text.split("{}");
    filled.push_str(parts.next().unwrap_or_default());
    for part in parts {
        filled.push_str(values.next().copied().unwrap_or_default());
        filled.push_str(part);
    }
    filled
}

/// Returns a message with values in it.
pub fn filled(lang: Lang, message: Message, values: &[&str]) -> String {
    fill(text(lang, message), values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_is_there_in_every_language_and_takes_the_same_values() {
        for lang in Lang::ALL {
            let own = others::source(lang);
            assert_eq!(own.len(), Message::ALL.len());
            for ((message, own), vietnamese) in Message::ALL.iter().zip(own).zip(held()) {
                let own = own.unwrap_or_default();
                assert!(fits(vietnamese, own), "{message:?} in {}: {own:?}", lang.tag());
                assert_eq!(own, own.trim(), "{message:?} in {}", lang.tag());
            }
        }
    }

    #[test]
    fn sentences_for_residents_have_at_most_fifteen_words() {
        for &message in Message::ALL {
            let long = |sentence: &&str| sentence.split_whitespace().count() > 15;
            let sentence = text(Lang::Vi, message).split(['.', '!', '?']).find(long);
            assert_eq!(sentence, None, "{message:?}");
        }
    }

    #[test]
    fn pages_of_lessons_say_nothing_that_is_not_with_them() {
        const OTHERS: [&str; 4] = ["views/dashboard.rs", "views/frame.rs", "views/in_app.rs", "views/me.rs"];
        let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut folders = ["views", "state", "paper", "bin/ui", "bin/paper"].map(|name| source.join(name)).to_vec();
        let mut files = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if !path.ends_with("tests.rs") && !OTHERS.iter().any(|other| path.ends_with(other)) {
                    files += 1;
                    says_only(LEARNING.len(), &path);
                }
            }
        }
        assert!(files > 40, "{files}");
        // What the screen of courses takes of the learner's own page.
        let chip = ["Mine", "PictureLotus", "PictureStar"].map(|name| NAMES.iter().position(|&found| found == name));
        assert!(chip.into_iter().all(|at| at.is_some_and(|at| at < LEARNING.len())));
    }

    fn says_only(held: usize, path: &std::path::Path) {
        let text = std::fs::read_to_string(path).unwrap();
        for rest in text.split("Message::").skip(1) {
            let name = rest.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default();
            let at = NAMES.iter().position(|&found| found == name).unwrap_or(0);
            assert!(at < held, "{} says {name}", path.display());
        }
    }

    #[test]
    fn values_go_where_the_text_wants_them() {
        assert_eq!(fill("{} trên {}", &["1", "2"]), "1 trên 2");
        assert_eq!(fill("{} trên {}", &["1"]), "1 trên ");
        assert_eq!(fill("không", &["1"]), "không");
    }
}
