//! The confirmation: the learner's own, or what somebody else shows.

use leptos::prelude::*;

use super::{Author, icons, parts};
use crate::{
    paper::{
        Answer, Asked, Checked, Code, Did, Facts, Kind, Paper, Refusal, Sharing, Word, date_words, filled, short_key,
        word,
    },
    route::Route,
};

/// Where taps go.
pub type Act = fn(Did);

/// Id of the field of what is to be checked.
pub const FIELD_ID: &str = "chu-giay";

/// Shows the screen: the content of `<main>`.
pub fn screen(paper: &Paper, act: Act) -> AnyView {
    if !paper.live {
        return opening(paper);
    }
    match (&paper.shown, paper.confirmed()) {
        (Some(shown), _) => view! {
            {result(paper, shown)}
            {against(paper)}
            {check(paper, act)}
            {own_link(paper)}
        }
        .into_any(),
        (None, Some(facts)) => own(paper, act, facts),
        (None, None) => self_taught(paper, act),
    }
}

/// What the server shows: what is asked can be read before any script arrives.
fn opening(paper: &Paper) -> AnyView {
    view! {
        {parts::heading(word(paper.lang, Word::Title))}
        <p class="loading needs-js" role="status">{word(paper.lang, Word::Opening)}</p>
        {asked(paper)}
    }
    .into_any()
}

fn own(paper: &Paper, act: Act, facts: &Facts) -> AnyView {
    let text = paper.own.as_ref().map_or("", |own| &own.text);
    let complete = facts.criteria > 0;
    view! {
        {parts::heading(word(paper.lang, Word::Title))}
        {certificate(paper, facts, Word::Confirmed)}
        {code(&paper.address(text), word(paper.lang, Word::CodeOfPaper), word(paper.lang, Word::ScanMe))}
        <p class="small">{word(paper.lang, Word::KeptHere)}</p>
        {share(paper, act)}
        {(!complete).then(|| asked(paper))}
        {refresh(paper, act)}
        {against(paper)}
        {check(paper, act)}
    }
    .into_any()
}

fn self_taught(paper: &Paper, act: Act) -> AnyView {
    let lang = paper.lang;
    let started = paper.record.is_some();
    let why = match (started, paper.locked) {
        (true, _) => Word::SelfTaughtWhy,
        (false, true) => Word::Locked,
        (false, false) => Word::NothingYet,
    };
    view! {
        {parts::heading(word(lang, Word::SelfTaught))}
        <p>{word(lang, why)}</p>
        {paper.own.as_ref().and_then(|own| own.verdict.as_ref().err()).map(|why| refused(paper, *why))}
        {(!started).then(|| parts::primary_link(Route::Home, icons::BOOK, word(lang, Word::ToLessons)))}
        {asked(paper)}
        {paper.record.as_ref().map(|record| how(paper, act, &record.learner, record.commune.is_some()))}
        {check(paper, act)}
    }
    .into_any()
}

/// Shows how to be confirmed: whom to meet, and the code that says who one is.
fn how(paper: &Paper, act: Act, learner: &str, agreed: bool) -> AnyView {
    let lang = paper.lang;
    let steps = if agreed {
        view! {
            <p>{word(lang, Word::HowShow)}</p>
            {code(&learner.to_ascii_uppercase(), word(lang, Word::CodeOfLearner), word(lang, Word::LearnerNumber))}
            <p class="learner-number">{fours(learner)}</p>
            {refresh(paper, act)}
        }
        .into_any()
    } else {
        view! {
            <p>{word(lang, Word::HowAgree)}</p>
            {parts::primary_link(Route::Commune, icons::PLACE, word(lang, Word::ChooseCommune))}
        }
        .into_any()
    };
    view! {
        <section class="sheet" aria-labelledby="xac-nhan-cach">
            <h2 id="xac-nhan-cach">{word(lang, Word::HowTitle)}</h2>
            <p>{word(lang, Word::HowMeet)}</p>
            {steps}
        </section>
    }
    .into_any()
}

/// Shows a number in fours, to be read out; copied, it has no spaces.
fn fours(number: &str) -> AnyView {
    let digits: Vec<char> = number.chars().collect();
    let fours: Vec<AnyView> =
        digits.chunks(4).map(|four| view! { <span>{four.iter().collect::<String>()}</span> }.into_any()).collect();
    fours.into_any()
}

fn refresh(paper: &Paper, act: Act) -> AnyView {
    let lang = paper.lang;
    let said = match paper.answer {
        Answer::Awaited => Some(Word::Asking),
        Answer::None => Some(Word::NotYet),
        Answer::Unreachable => Some(Word::Unreachable),
        Answer::Confirmed => None,
    };
    view! {
        <p class="said" role="status">{said.map(|said| word(lang, said))}</p>
        {button("secondary", act, || Did::Ask, icons::AGAIN, word(lang, Word::AskAgain))}
    }
    .into_any()
}

/// Writes the title of a course as markup.
fn title(paper: &Paper, course: u16) -> String {
    let language = paper.find(course).map_or("", |found| &found.language);
    Author::writing(language, paper.lang).text(&paper.title(course))
}

/// Shows what is confirmed.
fn certificate(paper: &Paper, facts: &Facts, status: Word) -> AnyView {
    let lang = paper.lang;
    let complete = facts.criteria > 0;
    let courses: Vec<AnyView> = facts.courses.iter().map(|course| ticked(title(paper, *course))).collect();
    let (label, name) = if facts.holder.is_empty() {
        (Word::LearnerNumber, short_key(&facts.learner))
    } else {
        (Word::Holder, facts.holder.clone())
    };
    view! {
        <section class="sheet certificate" aria-labelledby="xac-nhan-gi">
            <p class="stamp">
                {icons::icon(icons::SAFE)}
                <span>{word(lang, status)}</span>
            </p>
            <h2 id="xac-nhan-gi">{word(lang, if complete { Word::BasicMet } else { Word::CanDo })}</h2>
            {complete.then(|| view! { <p class="small">{paper.criteria_words(facts.criteria)}</p> })}
            <ul class="asked">{courses}</ul>
            <dl>
                {fact(paper, label, name)}
                {fact(paper, Word::LivesIn, paper.commune(facts.commune))}
                {fact(paper, Word::ConfirmedBy, paper.issuer(facts))}
                {fact(paper, Word::ConfirmedOn, date_words(lang, facts.day))}
            </dl>
        </section>
    }
    .into_any()
}

fn fact(paper: &Paper, label: Word, value: String) -> AnyView {
    view! {
        <div>
            <dt>{word(paper.lang, label)}</dt>
            <dd>{value}</dd>
        </div>
    }
    .into_any()
}

fn ticked(markup: String) -> AnyView {
    view! {
        <li class="met">
            {icons::icon(icons::TICK)}
            <span inner_html=markup></span>
        </li>
    }
    .into_any()
}

/// Shows a QR code with a word on it.
fn code(text: &str, name: &'static str, words: &'static str) -> Option<AnyView> {
    let code = Code::of(text).ok()?;
    let view_box = ["0 0 ", &code.side().to_string(), " ", &code.side().to_string()].concat();
    let view = view! {
        <figure class="code">
            <svg viewBox=view_box role="img" aria-label=name shape-rendering="crispEdges">
                <path d=code.path()></path>
            </svg>
            <figcaption>{words}</figcaption>
        </figure>
    };
    Some(view.into_any())
}

fn share(paper: &Paper, act: Act) -> AnyView {
    let lang = paper.lang;
    let said = match &paper.sharing {
        Sharing::Nothing => String::new(),
        Sharing::Making => word(lang, Word::Making).to_owned(),
        Sharing::Made(name) => filled(lang, Word::Made, &[name]),
        Sharing::Failed => word(lang, Word::ShareFailed).to_owned(),
    };
    view! {
        <section class="sheet" aria-labelledby="gui-in">
            <h2 id="gui-in">{word(lang, Word::ShareTitle)}</h2>
            {button("primary", act, || Did::Share(Kind::Picture), icons::KEEP, word(lang, Word::SharePicture))}
            {button("secondary", act, || Did::Share(Kind::Print), icons::BOOK, word(lang, Word::SharePrint))}
            {paper
                .badge
                .then(|| button("quiet", act, || Did::Share(Kind::Badge), icons::SAFE, word(lang, Word::ShareBadge)))}
            <p class="said" role="status">{said}</p>
        </section>
    }
    .into_any()
}

/// Shows what is asked of basic digital skills, and what of it is done.
fn asked(paper: &Paper) -> AnyView {
    let lang = paper.lang;
    let all = Asked::all(&paper.criteria, paper.record.as_ref());
    let next = all.iter().find_map(|asked| asked.next.map(|lesson| Route::Lesson { course: asked.course, lesson }));
    let lines: Vec<AnyView> = all.iter().map(|asked| requirement(paper, asked)).collect();
    let started = paper.record.is_some();
    view! {
        <section class="sheet" aria-labelledby="can-hoc">
            <h2 id="can-hoc">{word(lang, Word::AskedTitle)}</h2>
            {paper.criteria.provisional.then(|| view! { <p class="small">{word(lang, Word::AskedProvisional)}</p> })}
            <ul class="asked">{lines}</ul>
            {(started && next.is_none()).then(|| view! { <p class="praise">{word(lang, Word::AllDone)}</p> })}
            {next
                .filter(|_| started)
                .map(|route| parts::secondary_link(route, icons::PLAY, word(lang, Word::LearnMore)))}
        </section>
    }
    .into_any()
}

fn requirement(paper: &Paper, asked: &Asked) -> AnyView {
    let met = asked.done >= asked.needed;
    let [done, needed] = [asked.done.to_string(), asked.needed.to_string()];
    let count = if met {
        filled(paper.lang, Word::AskedDone, &[&needed])
    } else {
        filled(paper.lang, Word::AskedLeft, &[&done, &needed])
    };
    view! {
        <li class=if met { "met" } else { "" }>
            {icons::icon(if met { icons::TICK } else { icons::WAIT })}
            <span>
                <span inner_html=title(paper, asked.course)></span>
                <span class="small">{count}</span>
            </span>
        </li>
    }
    .into_any()
}

/// Shows what came of checking what somebody shows.
fn result(paper: &Paper, shown: &Checked) -> AnyView {
    match &shown.verdict {
        Ok(facts) => view! {
            {parts::heading(word(paper.lang, Word::Genuine))}
            {certificate(paper, facts, Word::Confirmed)}
        }
        .into_any(),
        Err(why) => view! {
            {parts::heading(word(paper.lang, Word::NotBelieved))}
            {refused(paper, *why)}
        }
        .into_any(),
    }
}

fn refused(paper: &Paper, why: Refusal) -> AnyView {
    let words = match why {
        Refusal::Unreadable => Word::Unreadable,
        Refusal::NoProvince => Word::NoProvince,
        Refusal::OtherProvince => Word::OtherProvince,
        Refusal::Forged => Word::Forged,
        Refusal::Revoked => Word::Revoked,
        Refusal::Expired => Word::Expired,
        Refusal::Ahead => Word::Ahead,
        Refusal::NoRight => Word::NoRight,
    };
    view! {
        <p class="refused" role="alert">
            {icons::icon(icons::ALERT)}
            <span>{word(paper.lang, words)}</span>
        </p>
    }
    .into_any()
}

/// Says what it was checked against, and how old that is.
fn against(paper: &Paper) -> AnyView {
    let (lang, trust) = (paper.lang, &paper.trust);
    let key = trust.province.as_deref().map_or_else(
        || word(lang, Word::AgainstNoKey).to_owned(),
        |key| filled(lang, Word::AgainstKey, &[&short_key(key)]),
    );
    let list = match (trust.list, trust.none_on) {
        (Some((epoch, day)), _) => filled(lang, Word::AgainstList, &[&epoch.to_string(), &date_words(lang, day)]),
        (None, Some(day)) => filled(lang, Word::AgainstNoList, &[&date_words(lang, day)]),
        (None, None) => word(lang, Word::AgainstUnknown).to_owned(),
    };
    view! {
        <section class="sheet" aria-labelledby="so-voi">
            <h2 id="so-voi">{word(lang, Word::AgainstTitle)}</h2>
            <p>{word(lang, Word::AgainstOffline)}</p>
            <p>{key}</p>
            {trust.other.then(|| view! { <p class="notice">{word(lang, Word::AgainstOther)}</p> })}
            <p>{list}</p>
        </section>
    }
    .into_any()
}

/// Shows the field for what somebody else shows.
fn check(paper: &Paper, act: Act) -> AnyView {
    let lang = paper.lang;
    view! {
        <section class="sheet" aria-labelledby="kiem-tra">
            <h2 id="kiem-tra">{word(lang, Word::CheckTitle)}</h2>
            <p>{word(lang, Word::CheckHow)}</p>
            <label class="search" for=FIELD_ID>
                <span class="search-label">{word(lang, Word::CheckField)}</span>
            </label>
            <textarea
                id=FIELD_ID
                rows="3"
                autocomplete="off"
                spellcheck="false"
            ></textarea>
            {button("secondary", act, || Did::Check, icons::SEARCH, word(lang, Word::Check))}
        </section>
    }
    .into_any()
}

fn own_link(paper: &Paper) -> AnyView {
    parts::secondary_link(Route::Confirmation, icons::PHONE, word(paper.lang, Word::ToOwn))
}

fn button(class: &'static str, act: Act, did: fn() -> Did, icon: &'static str, words: &'static str) -> AnyView {
    view! {
        <button type="button" class=class on:click=move |_| act(did())>
            {icons::icon(icon)}
            <span>{words}</span>
        </button>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::{
        Record,
        tests::{facts, paper},
    };

    fn html(paper: &Paper) -> String {
        let owner = Owner::new();
        owner.with(|| screen(paper, |_| ()).to_html())
    }

    fn live() -> Paper {
        Paper { live: true, ..paper() }
    }

    fn checked(verdict: Result<Facts, Refusal>) -> Checked {
        Checked { text: "bdhvs1aia2".to_owned(), verdict }
    }

    fn record() -> Record {
        let done = vec![(1, 1, 100), (1, 2, 100), (1, 3, 100)];
        Record { learner: "0f".repeat(16), commune: Some(30_697), done }
    }

    #[test]
    fn without_attestation_it_says_self_taught_and_how_to_go_on() {
        let page = html(&Paper { record: Some(record()), answer: Answer::None, ..live() });
        for part in ["Tự học</h1>", "Đã học đủ 3 bài", "Đã học 0 trên 2 bài", "<span>0f0f</span>", "Học tiếp"]
        {
            assert!(page.contains(part), "{part} in {page}");
        }
        assert!(!page.contains("Lấy ảnh"), "there is nothing to share");
        let quiet = html(&Paper { record: Some(Record { commune: None, ..record() }), ..live() });
        assert!(quiet.contains("chọn xã và đồng ý") && !quiet.contains("<span>0f0f</span>"), "{quiet}");
    }

    #[test]
    fn what_is_confirmed_is_shown_with_its_code() {
        let html = html(&Paper { record: Some(record()), own: Some(checked(Ok(facts()))), badge: true, ..live() });
        for part in ["Đạt kỹ năng số cơ bản", "Bà Sáu", "Xã Vĩnh Trạch", "Mã QR của giấy xác nhận", "Open Badges"]
        {
            assert!(html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn each_refusal_is_said_in_words_and_shows_nothing_of_the_paper() {
        for why in [
            Refusal::Unreadable,
            Refusal::NoProvince,
            Refusal::OtherProvince,
            Refusal::Forged,
            Refusal::Revoked,
            Refusal::Expired,
            Refusal::Ahead,
            Refusal::NoRight,
        ] {
            let html = html(&Paper { shown: Some(checked(Err(why))), ..live() });
            assert!(html.contains("Chưa tin được giấy này") && html.contains("class=\"refused\""), "{html}");
            assert!(!html.contains("Nơi xác nhận"), "{html}");
        }
        let genuine = html(&Paper { shown: Some(checked(Ok(facts()))), ..live() });
        assert!(genuine.contains("Giấy này là thật") && genuine.contains("Chưa có danh sách"), "{genuine}");
    }

    #[test]
    fn the_servers_page_can_be_read_without_a_script() {
        let html = html(&paper());
        assert!(html.contains("Kỹ năng số cơ bản") && !html.contains("<button"), "{html}");
    }
}
