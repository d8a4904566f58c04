//! Lets the browser play recordings and speak, and tells what became of it.
//!
//! Recordings are checked against their hash wherever they come from, and played from a `data:` address: that works
//! the same from the shelf, from the hub, and in pages that are no secure context.

use std::cell::{Cell, RefCell};

use app::state::{Action, Deed, Heard};
use content::pack::{Hash, SpeechIndex, Spot};
use wasm_bindgen::JsValue;
use web_sys::{
    Element, HtmlAudioElement, ScrollBehavior, ScrollIntoViewOptions, SpeechSynthesis, SpeechSynthesisUtterance,
    SpeechSynthesisVoice,
};

use crate::{browser, fetch, keep, page, shelf};

/// Speed of what is slow; below 0.8 vowels are torn.
const SLOW: f32 = 0.8;
/// How long to wait for the list of voices, which is empty at first in Chromium.
const VOICES_MS: i32 = 700;

thread_local! {
    /// What is played.
    static AUDIO: RefCell<Option<HtmlAudioElement>> = const { RefCell::new(None) };
    /// What was asked for last.
    static TURN: Cell<u32> = const { Cell::new(0) };
}

fn act(heard: Heard) {
    page::act(Action::Aloud(heard));
}

/// Listens to what ends the reading from outside, and lets the browser look for its voices.
pub(crate) fn start() {
    browser::listen(&browser::document(), "visibilitychange", |_| {
        if browser::document().hidden() {
            act(Heard::Stop);
        }
    });
    synthesis().map(|synthesis| synthesis.get_voices());
}

pub(crate) fn run(deed: Deed) {
    match deed {
        Deed::Index(course, hash) => wasm_bindgen_futures::spawn_local(async move {
            let index = fetch::blob_or_kept(hash, page::holds(&hash)).await;
            let index = index.and_then(|bytes| SpeechIndex::decode(&bytes).map_err(|error| fetch::damaged(&error)));
            act(Heard::Index(course, index));
        }),
        Deed::Play(turn, hash) => {
            stop(turn);
            wasm_bindgen_futures::spawn_local(play(turn, hash));
        }
        Deed::Say(turn, language, words) => {
            stop(turn);
            say(turn, language, words, true);
        }
        Deed::Wait(turn, ms) => browser::after(i32::try_from(ms).unwrap_or(i32::MAX), move || act(Heard::Waited(turn))),
        Deed::Hold(hold) => with_audio(|audio| {
            if hold {
                let _ = audio.pause();
            } else {
                begin(audio, TURN.get());
            }
        }),
        Deed::Stop => stop(0),
        Deed::Show(block) => browser::after(0, move || show(block)),
        Deed::Slow(slow) => {
            keep::slow(slow);
            with_audio(|audio| audio.set_playback_rate(rate().into()));
        }
        Deed::Keep(course, blobs) => wasm_bindgen_futures::spawn_local(async move {
            for blob in blobs {
                let kept = shelf::keep(blob).await;
                let stopped = kept.is_err();
                act(Heard::Kept(course, kept));
                if stopped {
                    return;
                }
            }
        }),
    }
}

fn with_audio(f: impl FnOnce(&HtmlAudioElement)) {
    AUDIO.with_borrow(|audio| audio.as_ref().map(f));
}

fn rate() -> f32 {
    if page::is_slow() { SLOW } else { 1.0 }
}

/// Ends what is heard; from now on `turn` is what is asked for.
fn stop(turn: u32) {
    TURN.set(turn);
    if let Some(audio) = AUDIO.take() {
        let _ = audio.pause();
    }
    if let Some(synthesis) = synthesis() {
        synthesis.cancel();
    }
}

async fn play(turn: u32, hash: Hash) {
    let bytes = fetch::blob_or_kept(hash, page::holds(&hash)).await;
    // Something else may have been asked for meanwhile.
    if TURN.get() != turn {
        return;
    }
    let address = bytes.ok().and_then(|bytes| shelf::data_address(&bytes));
    let Some(Ok(audio)) = address.map(|address| HtmlAudioElement::new_with_src(&address)) else {
        return act(Heard::Failed(turn));
    };
    for (event, heard) in HEARD {
        browser::listen(&audio, event, move |_| act(heard(turn)));
    }
    audio.set_playback_rate(rate().into());
    begin(&audio, turn);
    AUDIO.set(Some(audio));
}

/// An event of the browser, and what it tells of a turn.
type Told = (&'static str, fn(u32) -> Heard);

/// What an audio element tells.
const HEARD: [Told; 3] = [("playing", Heard::Started), ("ended", Heard::Ended), ("error", Heard::Failed)];

fn begin(audio: &HtmlAudioElement, turn: u32) {
    let Ok(playing) = audio.play() else {
        return browser::after(0, move || act(Heard::Failed(turn)));
    };
    wasm_bindgen_futures::spawn_local(async move {
        // Refused by the browser; one that was paused before it began says so, too, and is not heard any more.
        if wasm_bindgen_futures::JsFuture::from(playing).await.is_err() && TURN.get() == turn {
            act(Heard::Failed(turn));
        }
    });
}

/// Finds the browser's speech; in-app browsers have none.
fn synthesis() -> Option<SpeechSynthesis> {
    let has = |name: &str| js_sys::Reflect::has(&browser::window(), &name.into()).unwrap_or(false);
    let has = has("speechSynthesis") && has("SpeechSynthesisUtterance");
    has.then(|| browser::window().speech_synthesis().ok()).flatten()
}

/// Says words, after another look at the voices where `again`.
fn say(turn: u32, language: String, words: String, again: bool) {
    if TURN.get() != turn {
        return;
    }
    let Some(voice) = voice(&language) else {
        if again && synthesis().is_some() {
            browser::after(VOICES_MS, move || say(turn, language, words, false));
        } else {
            browser::after(0, move || act(Heard::Failed(turn)));
        }
        return;
    };
    let Some((synthesis, Ok(utterance))) =
        synthesis().map(|synthesis| (synthesis, SpeechSynthesisUtterance::new_with_text(&words)))
    else {
        return;
    };
    utterance.set_lang(&language);
    utterance.set_voice(Some(&voice));
    utterance.set_rate(rate());
    let heard: [Told; 4] =
        [("start", Heard::Started), ("boundary", Heard::Started), ("end", Heard::Ended), ("error", Heard::Failed)];
    for (event, heard) in heard {
        browser::listen(&utterance, event, move |_| act(heard(turn)));
    }
    synthesis.speak(&utterance);
}

/// Finds a voice for a language: one on the device, else one that needs the network while there is one.
fn voice(language: &str) -> Option<SpeechSynthesisVoice> {
    let voices = synthesis()?.get_voices();
    let voices = voices.iter().map(wasm_bindgen::JsCast::unchecked_into::<SpeechSynthesisVoice>);
    // Android writes vi_VN.
    let speaks = |voice: &SpeechSynthesisVoice| voice.lang().get(..2) == language.get(..2);
    let mut voices: Vec<SpeechSynthesisVoice> = voices.filter(speaks).collect();
    let online = browser::window().navigator().on_line();
    voices.retain(|voice| online || voice.local_service());
    voices.sort_by_key(|voice| !voice.local_service());
    voices.into_iter().next()
}

/// Brings a block into view, unless it begins in the upper half of the screen.
fn show(block: u8) {
    let Some(element) = element(block) else {
        return;
    };
    let height = browser::window().inner_height().ok().as_ref().and_then(JsValue::as_f64).unwrap_or_default();
    let top = element.get_bounding_client_rect().top();
    if (0.0..height / 2.0).contains(&top) {
        return;
    }
    let still = browser::window().match_media("(prefers-reduced-motion: reduce)").ok().flatten();
    let options = ScrollIntoViewOptions::new();
    if !still.is_some_and(|still| still.matches()) {
        options.set_behavior(ScrollBehavior::Smooth);
    }
    element.scroll_into_view_with_scroll_into_view_options(&options);
}

fn element(block: u8) -> Option<Element> {
    if block == Spot::HEAD {
        return browser::document().query_selector(".lesson-head").ok().flatten();
    }
    browser::document().get_element_by_id(&app::views::block_id(block.into()))
}
