//! What a page costs: bytes over the network, time, memory, on a phone that is slow.

use anyhow::Context as _;
use serde_json::{Value, json};

use super::tab::Tab;

/// A network and a processor, slower than this machine's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slow {
    /// Milliseconds until an answer begins.
    pub latency_ms: u32,
    /// Bits a second towards the phone; the other way it is half of that.
    pub bits_per_second: u32,
    /// How many times slower the processor is.
    pub processor: u32,
}

/// Something that came over the network.
#[derive(Debug, Clone, PartialEq)]
pub struct Transfer {
    /// Its address.
    pub url: String,
    /// Bytes as they crossed the network, headers included.
    pub bytes: f64,
}

impl Tab {
    /// Makes the page's network and processor slow.
    ///
    /// # Errors
    ///
    /// When the tab is gone.
    pub fn slow(&self, slow: Slow) -> anyhow::Result<()> {
        let down = slow.bits_per_second / 8;
        let network = json!({
            "offline": false, "latency": slow.latency_ms, "downloadThroughput": down, "uploadThroughput": down / 2,
        });
        self.call("Network.emulateNetworkConditions", &network)?;
        self.call("Emulation.setCPUThrottlingRate", &json!({ "rate": slow.processor }))?;
        Ok(())
    }

    /// Returns everything that the page asked for and that came over the network so far; what the browser
    /// had already counts 0.
    pub fn transfers(&self) -> Vec<Transfer> {
        self.transferred()
    }

    /// Returns how many bytes the page's scripts and WebAssembly hold, after what nobody holds was thrown away.
    ///
    /// # Errors
    ///
    /// When the tab is gone.
    pub fn heap_bytes(&self) -> anyhow::Result<f64> {
        self.call("HeapProfiler.collectGarbage", &json!({}))?;
        let usage = self.call("Runtime.getHeapUsage", &json!({}))?;
        let part = |name: &str| usage[name].as_f64().unwrap_or_default();
        let used = usage["usedSize"].as_f64().with_context(|| format!("no size in {usage}"))?;
        Ok(used + part("embedderHeapUsedSize") + part("backingStorageSize"))
    }
}

/// Reads what a message of the `Network` domain says about something that came: `(request, address)` when it
/// is asked for, `(request, bytes)` when it is here.
pub(super) enum Wire {
    Asked(String, String),
    Came(String, f64),
}

pub(super) fn wire(method: &str, params: &Value) -> Option<Wire> {
    let request = params["requestId"].as_str()?.to_owned();
    match method {
        "Network.requestWillBeSent" => Some(Wire::Asked(request, params["request"]["url"].as_str()?.to_owned())),
        "Network.loadingFinished" => Some(Wire::Came(request, params["encodedDataLength"].as_f64()?)),
        _ => None,
    }
}
