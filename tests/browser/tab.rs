//! One tab, and what a resident does in it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use data_encoding::BASE64;
use serde_json::{Value, json};

use super::devtools::{ConsoleLine, DevTools};
use super::measure::Transfer;

/// How long something awaited may take to show, on a busy machine of two cores.
const WAIT_SECONDS_MAX: u64 = 60;

/// How long to wait for the browser to report something before looking again.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How often to aim at what moves.
const AIMS_MAX: usize = 10;

/// Pixels by which a finger may miss the middle of what it taps; a button that is pressed may give way by one.
const MISS_MAX: f64 = 8.0;

/// What the harness knows of a page.
const PAGE: &str = include_str!("page.js");

/// A screen to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// 360 × 640, touched: a cheap phone.
    Phone,
    /// 320 × 568, touched: the narrowest there is, and a phone of 640 pixels with everything twice as large.
    Narrow,
    /// 1280 × 800: an office laptop.
    Laptop,
}

/// What a screen reader is told of one thing on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    /// What it is: `button`, `heading`, …
    pub role: String,
    /// What it is called.
    pub name: String,
    /// Whether it can have the focus.
    pub focusable: bool,
    /// Whether it has the focus.
    pub focused: bool,
    /// Whether a change of it is told at once.
    pub live: bool,
}

/// A tab of a browser.
#[derive(Debug)]
pub struct Tab {
    tools: Arc<DevTools>,
    target: String,
    session: String,
}

impl Tab {
    pub(super) fn new(tools: Arc<DevTools>) -> anyhow::Result<Self> {
        let made = tools.call("", "Target.createTarget", &json!({ "url": "about:blank" }))?;
        let target = text(&made, "targetId")?;
        let attached = tools.call("", "Target.attachToTarget", &json!({ "targetId": target, "flatten": true }))?;
        let tab = Self { session: text(&attached, "sessionId")?, tools, target };
        for domain in ["Page", "Runtime", "Log", "Network"] {
            tab.call(&format!("{domain}.enable"), &json!({}))?;
        }
        tab.attach_workers(false)?;
        tab.show_on(Screen::Phone)?;
        Ok(tab)
    }

    /// Goes to an address.
    ///
    /// # Errors
    ///
    /// When it does not answer.
    pub fn go(&self, url: &str) -> anyhow::Result<()> {
        // Who opens an address looks at it. A page that loads behind another tab may wait to be seen.
        self.call("Page.bringToFront", &json!({}))?;
        let gone = self.call("Page.navigate", &json!({ "url": url }))?;
        ensure!(gone.get("errorText").is_none(), "{url}: {}", gone["errorText"]);
        self.loaded()
    }

    /// Loads the page again.
    ///
    /// # Errors
    ///
    /// When it does not come back.
    pub fn reload(&self) -> anyhow::Result<()> {
        // A mark that does not survive the reload tells the old document from the new one.
        self.eval("window.beforeReload = true")?;
        self.call("Page.reload", &json!({}))?;
        self.wait("the page again", || Ok((self.eval("window.beforeReload === undefined")? == true).then_some(())))?;
        self.loaded()
    }

    fn loaded(&self) -> anyhow::Result<()> {
        let ready = || Ok((self.eval("document.readyState !== 'loading' && !!document.body")? == true).then_some(()));
        self.wait("a loaded page", ready)
    }

    /// Taps what carries this text: a button, a link, an answer.
    ///
    /// # Errors
    ///
    /// When there is nothing to tap with this text; the error says what the page shows.
    pub fn tap(&self, label: &str) -> anyhow::Result<()> {
        self.tap_found(label, &format!("tapPoint({})", Value::from(label)))
    }

    /// Taps what carries this text in one part of the page, such as one question of several.
    ///
    /// # Errors
    ///
    /// As [`Tab::tap`].
    pub fn tap_in(&self, region: &str, label: &str) -> anyhow::Result<()> {
        let finder = format!("tapPointIn({}, {})", Value::from(region), Value::from(label));
        self.tap_found(&format!("{label} in {region}"), &finder)
    }

    /// Puts a finger where something is, and lifts it if that is still there; what moved away is aimed at anew.
    fn tap_found(&self, what: &str, finder: &str) -> anyhow::Result<()> {
        // A hidden tab takes no touches: who taps has switched to it.
        self.call("Page.bringToFront", &json!({}))?;
        for _ in 0..AIMS_MAX {
            let point = self.wait_point(what, finder)?;
            self.call("Input.dispatchTouchEvent", &json!({ "type": "touchStart", "touchPoints": [point] }))?;
            let hits = is_near(&point, &self.eval(&format!("{PAGE}.{finder}"))?);
            let end = if hits { "touchEnd" } else { "touchCancel" };
            self.call("Input.dispatchTouchEvent", &json!({ "type": end, "touchPoints": [] }))?;
            if hits {
                return Ok(());
            }
        }
        bail!("“{what}” never stays where it is")
    }

    /// Writes into the field with this label, in place of what it holds.
    ///
    /// # Errors
    ///
    /// When there is no such field.
    pub fn fill(&self, label: &str, value: &str) -> anyhow::Result<()> {
        self.wait_point(label, &format!("fieldPoint({})", Value::from(label)))?;
        self.call("Input.insertText", &json!({ "text": value }))?;
        Ok(())
    }

    /// Waits until the page shows a text.
    ///
    /// # Errors
    ///
    /// When it does not; the error holds what it shows instead.
    pub fn sees(&self, awaited: &str) -> anyhow::Result<()> {
        self.wait(&format!("“{awaited}”"), || Ok(self.text()?.contains(awaited).then_some(())))
    }

    /// Waits until one part of the page shows a text.
    ///
    /// # Errors
    ///
    /// As [`Tab::sees`].
    pub fn sees_in(&self, region: &str, awaited: &str) -> anyhow::Result<()> {
        let look = format!("{PAGE}.textIn({})", Value::from(region));
        self.wait(&format!("“{awaited}” in “{region}”"), || {
            Ok(self.eval(&look)?.as_str().unwrap_or_default().contains(awaited).then_some(()))
        })
    }

    /// Waits until the page no longer shows a text.
    ///
    /// # Errors
    ///
    /// When it still does at the end.
    pub fn sees_no(&self, unwanted: &str) -> anyhow::Result<()> {
        self.wait(&format!("no “{unwanted}”"), || Ok((!self.text()?.contains(unwanted)).then_some(())))
    }

    /// Tells whether the page shows a text now.
    ///
    /// # Errors
    ///
    /// When the tab is gone.
    pub fn shows(&self, text: &str) -> anyhow::Result<bool> {
        Ok(self.text()?.contains(text))
    }

    /// Returns what can be read on the page, spaces made single.
    ///
    /// # Errors
    ///
    /// When the tab is gone.
    pub fn text(&self) -> anyhow::Result<String> {
        let text = self.eval(&format!("{PAGE}.text()"))?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Returns texts that stick out of the screen or are cut off.
    ///
    /// # Errors
    ///
    /// When the tab is gone.
    pub fn cut_off(&self) -> anyhow::Result<Vec<String>> {
        Ok(serde_json::from_value(self.eval(&format!("{PAGE}.cutOff()"))?)?)
    }

    /// Evaluates an expression in the page; a promise is awaited.
    ///
    /// # Errors
    ///
    /// When it throws, or the page is being replaced.
    pub fn eval(&self, expression: &str) -> anyhow::Result<Value> {
        let params = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let mut answer = self.call("Runtime.evaluate", &params)?;
        if let Some(details) = answer.get("exceptionDetails") {
            bail!("{expression}: {}", details["exception"]["description"].as_str().unwrap_or("threw"));
        }
        Ok(answer["result"]["value"].take())
    }

    /// Evaluates a promise of a list of words that takes longer than the browser may take to answer one command.
    ///
    /// # Errors
    ///
    /// When it does not end. What it throws is a word of the list.
    pub fn eval_long(&self, promise: &str) -> anyhow::Result<Vec<String>> {
        self.eval(&format!(
            "globalThis.ended = undefined;
            {promise}.then((words) => {{ ended = words }}, (error) => {{ ended = [String(error)] }});
            0"
        ))?;
        self.wait_until("ended !== undefined")?;
        Ok(serde_json::from_value(self.eval("ended")?)?)
    }

    /// Waits until an expression is true in the page.
    ///
    /// # Errors
    ///
    /// When it does not become true.
    pub fn wait_until(&self, expression: &str) -> anyhow::Result<()> {
        self.wait(expression, || Ok((self.eval(expression)? == true).then_some(())))
    }

    /// Waits until an expression has a value in the page.
    ///
    /// # Errors
    ///
    /// When it does not come to; the error says which it has instead.
    pub fn becomes(&self, expression: &str, value: impl Into<Value>) -> anyhow::Result<()> {
        let (value, mut last) = (value.into(), Value::Null);
        let same = || {
            last = self.eval(expression)?;
            Ok((last == value).then_some(()))
        };
        self.wait(expression, same).with_context(|| format!("{last} in place of {value}"))
    }

    /// Runs a script in every page that is opened from now on, before the page's own.
    ///
    /// # Errors
    ///
    /// When the tab is gone.
    pub fn before_pages(&self, script: &str) -> anyhow::Result<()> {
        self.call("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": script }))?;
        Ok(())
    }

    /// Lets no request to an address of these patterns out (`*` stands for anything), neither of the page nor of
    /// workers that it starts from now on.
    ///
    /// # Errors
    ///
    /// When the tab is gone.
    pub fn block(&self, patterns: &[&str]) -> anyhow::Result<()> {
        let blocked = json!({ "urls": patterns });
        self.tools.block_workers(&self.session, blocked.clone());
        // A worker must not be faster than what it is not to ask for.
        self.attach_workers(!patterns.is_empty())?;
        self.call("Network.setBlockedURLs", &blocked)?;
        Ok(())
    }

    fn attach_workers(&self, wait: bool) -> anyhow::Result<()> {
        let how = json!({ "autoAttach": true, "waitForDebuggerOnStart": wait, "flatten": true });
        self.call("Target.setAutoAttach", &how)?;
        Ok(())
    }

    /// Takes away what the browser keeps of downloads of its own accord.
    ///
    /// # Errors
    ///
    /// When the tab is gone.
    pub fn forget_downloads(&self) -> anyhow::Result<()> {
        self.call("Network.clearBrowserCache", &json!({}))?;
        Ok(())
    }

    /// Takes the page's network away, or gives it back.
    ///
    /// # Errors
    ///
    /// When the tab is gone.
    pub fn offline(&self, offline: bool) -> anyhow::Result<()> {
        let how = json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.call("Network.emulateNetworkConditions", &how)?;
        Ok(())
    }

    /// Lets the browser call itself something else.
    ///
    /// # Errors
    ///
    /// When the tab is gone.
    pub fn call_itself(&self, name: &str) -> anyhow::Result<()> {
        self.call("Network.setUserAgentOverride", &json!({ "userAgent": name }))?;
        Ok(())
    }

    /// Gives this page's origin so many bytes to store, or as many as there are.
    ///
    /// # Errors
    ///
    /// When the tab is gone.
    pub fn quota(&self, bytes: Option<u64>) -> anyhow::Result<()> {
        let mut how = json!({ "origin": self.eval("location.origin")? });
        if let Some(bytes) = bytes {
            how["quotaSize"] = bytes.into();
        }
        self.call("Storage.overrideQuotaForOrigin", &how)?;
        Ok(())
    }

    /// Throws away what this page's origin stored, as a full phone or its owner does.
    ///
    /// # Errors
    ///
    /// When the tab is gone.
    pub fn evict(&self) -> anyhow::Result<()> {
        self.throw_away("all")
    }

    /// Throws away the stores of this page's origin alone, as a browser does of its own accord where room is short
    /// or nobody came for long: what the page keeps in local storage stays.
    ///
    /// # Errors
    ///
    /// When the tab is gone.
    pub fn evict_stores(&self) -> anyhow::Result<()> {
        self.throw_away("indexeddb,cache_storage,service_workers,file_systems")
    }

    fn throw_away(&self, stores: &str) -> anyhow::Result<()> {
        let what = json!({ "origin": self.eval("location.origin")?, "storageTypes": stores });
        self.call("Storage.clearDataForOrigin", &what)?;
        Ok(())
    }

    /// Waits until the browser has downloaded a file into a folder; returns what is in it.
    ///
    /// # Errors
    ///
    /// When it does not come.
    pub fn downloaded(&self, folder: &Path, name: &str) -> anyhow::Result<Vec<u8>> {
        // While it is written it bears another name.
        self.wait(&format!("the file {name}"), || Ok(std::fs::read(folder.join(name)).ok()))
    }

    /// Lets the browser put downloads into a folder.
    ///
    /// # Errors
    ///
    /// When the browser is gone.
    pub fn download_to(&self, folder: &Path) -> anyhow::Result<()> {
        let how = json!({ "behavior": "allow", "downloadPath": folder });
        self.tools.call("", "Browser.setDownloadBehavior", &how)?;
        Ok(())
    }

    /// Shows the page on a screen of another kind.
    ///
    /// # Errors
    ///
    /// When the tab is gone.
    pub fn show_on(&self, screen: Screen) -> anyhow::Result<()> {
        let phone = screen != Screen::Laptop;
        let (width, height, scale) = match screen {
            Screen::Phone => (360, 640, 2),
            Screen::Narrow => (320, 568, 2),
            Screen::Laptop => (1280, 800, 1),
        };
        let how = json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": phone });
        self.call("Emulation.setDeviceMetricsOverride", &how)?;
        self.call("Emulation.setTouchEmulationEnabled", &json!({ "enabled": phone, "maxTouchPoints": 1 }))?;
        Ok(())
    }

    /// Lets the phone's own settings say something: `("prefers-color-scheme", "dark")`.
    ///
    /// # Errors
    ///
    /// When the tab is gone.
    pub fn prefer(&self, settings: &[(&str, &str)]) -> anyhow::Result<()> {
        let features: Vec<Value> =
            settings.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        self.call("Emulation.setEmulatedMedia", &json!({ "features": features }))?;
        Ok(())
    }

    /// Presses a key of a keyboard: `Tab`, `Enter`, `Space`.
    ///
    /// # Errors
    ///
    /// When the tab is gone.
    pub fn key(&self, key: &str) -> anyhow::Result<()> {
        let (value, code, text) = match key {
            "Tab" => ("Tab", 9, ""),
            "Enter" => ("Enter", 13, "\r"),
            "Space" => (" ", 32, " "),
            other => bail!("`{other}` is no key that is known here"),
        };
        for kind in ["keyDown", "keyUp"] {
            let mut event = json!({ "type": kind, "key": value, "code": key, "windowsVirtualKeyCode": code });
            if kind == "keyDown" && !text.is_empty() {
                event["text"] = text.into();
            }
            self.call("Input.dispatchKeyEvent", &event)?;
        }
        Ok(())
    }

    /// Writes at the place that has the focus.
    ///
    /// # Errors
    ///
    /// When the tab is gone.
    pub fn write(&self, text: &str) -> anyhow::Result<()> {
        self.call("Input.insertText", &json!({ "text": text }))?;
        Ok(())
    }

    /// Presses what a selector finds, as soon as it can be seen; among several, what carries the text.
    ///
    /// # Errors
    ///
    /// When it does not come.
    pub fn press(&self, selector: &str, text: &str) -> anyhow::Result<()> {
        let (selector, text) = (Value::from(selector), Value::from(text));
        self.wait_until(&format!("{PAGE}.press({selector}, {text})"))
    }

    /// Returns what a screen reader is told: the nodes of the accessibility tree that are not ignored.
    ///
    /// # Errors
    ///
    /// When the tab is gone.
    pub fn spoken(&self) -> anyhow::Result<Vec<Spoken>> {
        let tree = self.call("Accessibility.getFullAXTree", &json!({}))?;
        let nodes = tree["nodes"].as_array().into_iter().flatten().filter(|node| node["ignored"] != true);
        let text = |value: &Value| value["value"].as_str().unwrap_or_default().to_owned();
        let has = |node: &Value, name: &str, wanted: Value| {
            let mut properties = node["properties"].as_array().into_iter().flatten();
            properties.any(|property| property["name"] == name && property["value"]["value"] == wanted)
        };
        let spoken = nodes.map(|node| Spoken {
            role: text(&node["role"]),
            name: text(&node["name"]),
            focusable: has(node, "focusable", true.into()),
            focused: has(node, "focused", true.into()),
            live: has(node, "live", "polite".into()) || has(node, "live", "assertive".into()),
        });
        Ok(spoken.collect())
    }

    /// Takes a picture of what is on the screen; returns its file, `<folder>/<name>.png`.
    ///
    /// # Errors
    ///
    /// When it cannot be taken or written.
    pub fn picture(&self, folder: &Path, name: &str) -> anyhow::Result<PathBuf> {
        let taken = self.call("Page.captureScreenshot", &json!({ "format": "png" }))?;
        let png = BASE64.decode(text(&taken, "data")?.as_bytes())?;
        std::fs::create_dir_all(folder)?;
        let file = folder.join(format!("{name}.png"));
        std::fs::write(&file, png).with_context(|| format!("cannot write {}", file.display()))?;
        Ok(file)
    }

    /// Returns what the page and its workers wrote to the console.
    pub fn console(&self) -> Vec<ConsoleLine> {
        self.tools.console(&self.session)
    }

    /// Returns the errors among [`Tab::console`].
    pub fn errors(&self) -> Vec<String> {
        let lines = self.console().into_iter();
        lines.filter(|line| matches!(&*line.level, "error" | "exception" | "assert")).map(|line| line.text).collect()
    }

    /// Closes the tab.
    ///
    /// # Errors
    ///
    /// When it is gone already, or stays.
    pub fn close(self) -> anyhow::Result<()> {
        self.tools.call("", "Target.closeTarget", &json!({ "targetId": self.target }))?;
        // The browser turns to another tab when this one has gone: who goes on in a third must come after that.
        let end = Instant::now() + Duration::from_secs(WAIT_SECONDS_MAX);
        loop {
            let targets = self.tools.call("", "Target.getTargets", &json!({}))?;
            let mut targets = targets["targetInfos"].as_array().into_iter().flatten();
            if targets.all(|target| target["targetId"] != self.target.as_str()) {
                return Ok(());
            }
            ensure!(Instant::now() < end, "the tab stays open");
            self.tools.pause(LOOK_EVERY);
        }
    }

    fn wait_point(&self, label: &str, finder: &str) -> anyhow::Result<Value> {
        let find = format!("{PAGE}.{finder}");
        let mut last = Value::Null;
        let mut still = || {
            let found = self.eval(&find)?;
            // Twice at the same place: what still moves would be missed.
            let same = found.get("why").is_none() && found == last;
            last = found.clone();
            Ok(same.then_some(found))
        };
        self.wait(&format!("“{label}” to tap"), &mut still)
    }

    /// Looks until something is found. A page that is being replaced is looked at again.
    fn wait<T>(&self, what: &str, mut look: impl FnMut() -> anyhow::Result<Option<T>>) -> anyhow::Result<T> {
        let end = Instant::now() + Duration::from_secs(WAIT_SECONDS_MAX);
        loop {
            let looked = look();
            if let Ok(Some(found)) = looked {
                return Ok(found);
            }
            if looked.is_err() {
                // A page behind another tab may not answer: who looks at it has it in front.
                drop(self.call("Page.bringToFront", &json!({})));
            }
            if Instant::now() >= end {
                let why = looked.err().map_or(String::new(), |error| format!(" ({error:#})"));
                bail!(
                    "the page does not come to show {what}{why}; it shows:\n{}\nconsole: {:#?}",
                    self.text().unwrap_or_default(),
                    self.console()
                );
            }
            self.tools.pause(LOOK_EVERY);
        }
    }

    /// What came over the network for the page, see [`super::measure`].
    pub(super) fn transferred(&self) -> Vec<Transfer> {
        self.tools.transfers(&self.session)
    }

    pub(super) fn call(&self, method: &str, params: &Value) -> anyhow::Result<Value> {
        self.tools.call(&self.session, method, params)
    }
}

/// Tells whether two points are so near that a finger on one touches what is at the other.
fn is_near(one: &Value, other: &Value) -> bool {
    ["x", "y"].into_iter().all(|axis| {
        let [one, other] = [one, other].map(|point| point[axis].as_f64().unwrap_or(f64::INFINITY));
        (one - other).abs() <= MISS_MAX
    })
}

fn text(value: &Value, key: &str) -> anyhow::Result<String> {
    value[key].as_str().map(str::to_owned).with_context(|| format!("no `{key}` in {value}"))
}
