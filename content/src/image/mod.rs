//! Reads the size of an image, and refuses files that are not what their name says.

mod raster;
mod svg;

use crate::limits::{IMAGE_BYTES_MAX, IMAGE_SIDE_MAX};
use crate::model::Image;
use crate::pack::media_type;
use crate::rules;
use crate::source::{Report, SourceFile, Text};

/// Extensions of image files, and what they hold.
const EXTENSIONS: [(&str, &str); 4] =
    [("jpg", "image/jpeg"), ("png", "image/png"), ("svg", "image/svg+xml"), ("webp", "image/webp")];

/// Returns the extension of a path when it is one of an image.
pub(crate) fn extension(path: &str) -> Option<&'static str> {
    let (_, extension) = path.rsplit_once('.')?;
    EXTENSIONS.iter().map(|(known, _)| *known).find(|known| *known == extension)
}

/// Checks an image file; [`None`] when it cannot be shown, and then there is a problem.
pub(crate) fn check(file: &SourceFile, report: &mut Report) -> Option<Image> {
    let bytes = &file.bytes;
    let extension = extension(&file.path)?;
    if bytes.len() > IMAGE_BYTES_MAX {
        report.file(&file.path, rules::large_image(bytes.len()));
        return None;
    }
    let (width, height) = match extension {
        "svg" => svg_size(file, report)?,
        _ => raster_size(file, extension, report)?,
    };
    if ![width, height].iter().all(|side| (1..=IMAGE_SIDE_MAX).contains(side)) {
        report.file(&file.path, rules::image_sides(width, height));
        return None;
    }
    Some(Image { width, height, bytes: bytes.clone() })
}

fn raster_size(file: &SourceFile, extension: &'static str, report: &mut Report) -> Option<(u32, u32)> {
    let media = media_type(&file.bytes);
    let size = EXTENSIONS.contains(&(extension, media)).then(|| raster::size(&file.bytes, media)).flatten();
    if size.is_none() {
        report.file(&file.path, rules::not_an_image(extension));
    }
    size
}

fn svg_size(file: &SourceFile, report: &mut Report) -> Option<(u32, u32)> {
    let Ok(source) = str::from_utf8(&file.bytes) else {
        report.file(&file.path, rules::not_utf8());
        return None;
    };
    svg::size(source).map_err(|(at, rule)| report.at(&Text::new(&file.path, source), at, rule)).ok()
}
