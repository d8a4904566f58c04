//! Pictures and files: drawn by the browser, then handed to whatever app the person chooses, or downloaded.

use app::paper::{PAGE_HEIGHT_PX, PAGE_WIDTH_PX, Sheet, pdf};
use js_sys::{Array, Function, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    CanvasRenderingContext2d, File, FilePropertyBag, HtmlAnchorElement, HtmlCanvasElement, HtmlImageElement, Url,
};

use crate::browser;

/// Quality of the picture in a PDF: letters stay clean, and the file small enough for any messenger.
const JPEG_QUALITY: f64 = 0.9;

/// Draws a sheet as PNG.
pub(crate) async fn png(sheet: &Sheet) -> Result<Vec<u8>, JsValue> {
    bytes(&canvas(sheet).await?.to_data_url_with_type("image/png")?)
}

/// Draws a sheet as the one page of a PDF.
pub(crate) async fn print(sheet: &Sheet, title: &str) -> Result<Vec<u8>, JsValue> {
    let drawn = canvas(sheet).await?;
    let jpeg = drawn.to_data_url_with_type_and_encoder_options("image/jpeg", &JPEG_QUALITY.into())?;
    Ok(pdf(sheet, title, &bytes(&jpeg)?))
}

async fn canvas(sheet: &Sheet) -> Result<HtmlCanvasElement, JsValue> {
    let image = HtmlImageElement::new()?;
    let svg = String::from(js_sys::encode_uri_component(&sheet.svg()));
    image.set_src(&["data:image/svg+xml;charset=utf-8,", &svg].concat());
    JsFuture::from(image.decode()).await?;
    let canvas: HtmlCanvasElement = browser::document().create_element("canvas")?.unchecked_into();
    canvas.set_width(PAGE_WIDTH_PX);
    canvas.set_height(PAGE_HEIGHT_PX);
    let context: CanvasRenderingContext2d = canvas.get_context("2d")?.ok_or(JsValue::NULL)?.unchecked_into();
    let (width, height) = (f64::from(PAGE_WIDTH_PX), f64::from(PAGE_HEIGHT_PX));
    context.draw_image_with_html_image_element_and_dw_and_dh(&image, 0.0, 0.0, width, height)?;
    Ok(canvas)
}

/// Takes the bytes out of a `data:` address.
fn bytes(address: &str) -> Result<Vec<u8>, JsValue> {
    let (_, encoded) = address.split_once(";base64,").ok_or(JsValue::NULL)?;
    let latin = browser::window().atob(encoded)?;
    // Each character stands for a byte.
    Ok(latin.chars().map(|letter| letter as u8).collect())
}

/// Hands a file over: to the phone's share sheet where there is one, else as a download. Returns whether the
/// person took it.
pub(crate) async fn hand_over(name: &str, kind: &str, bytes: &[u8]) -> Result<bool, JsValue> {
    let options = FilePropertyBag::new();
    options.set_type(kind);
    let parts = Array::of1(&Uint8Array::from(bytes));
    let file = File::new_with_u8_array_sequence_and_options(&parts, name, &options)?;
    if let Some(shared) = share(&file) {
        // Who closes the share sheet has changed their mind.
        return Ok(JsFuture::from(shared?).await.is_ok());
    }
    let link: HtmlAnchorElement = browser::document().create_element("a")?.unchecked_into();
    let address = Url::create_object_url_with_blob(&file)?;
    link.set_href(&address);
    link.set_download(name);
    link.click();
    // The address stays until the page goes: a download may begin late.
    Ok(true)
}

/// Opens the share sheet; `None` in a browser that shares no such file.
fn share(file: &File) -> Option<Result<js_sys::Promise, JsValue>> {
    let navigator = browser::window().navigator();
    let call = |name: &str| Reflect::get(&navigator, &name.into()).ok()?.dyn_into::<Function>().ok();
    let what = Object::new();
    Reflect::set(&what, &"files".into(), &Array::of1(file)).ok()?;
    let can = call("canShare")?.call1(&navigator, &what).ok()?.is_truthy();
    let share = call("share").filter(|_| can)?;
    Some(share.call1(&navigator, &what).map(JsCast::unchecked_into))
}
