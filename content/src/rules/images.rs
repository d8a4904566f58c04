//! Rules of image files.

use super::rule;
use crate::limits::{IMAGE_BYTES_MAX, IMAGE_SIDE_MAX};
use crate::source::Rule;

pub(crate) fn unused_image() -> Rule {
    rule("no lesson shows this image", "show it with `![description](path)`, or delete the file")
}

pub(crate) fn large_image(bytes: usize) -> Rule {
    rule(
        format!("the image has {bytes} bytes, at most {IMAGE_BYTES_MAX} are allowed"),
        "make it smaller, or draw it as SVG; residents pay for every byte",
    )
}

pub(crate) fn not_an_image(extension: &str) -> Rule {
    rule(format!("the content is not that of a .{extension} file"), "export the image again in this format")
}

pub(crate) fn image_sides(width: u32, height: u32) -> Rule {
    rule(
        format!("the image is {width} × {height} pixels, each side may have 1 to {IMAGE_SIDE_MAX}"),
        "scale it; 720 pixels are enough on any phone",
    )
}

pub(crate) fn svg(message: impl Into<String>, help: impl Into<String>) -> Rule {
    rule(message, help)
}
