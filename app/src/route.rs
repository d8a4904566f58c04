//! Addresses of the screens.
//!
//! The same addresses work on the server, which renders the page, and in the browser, which follows
//! them with the History API.
//!
//! # Example
//!
//! ```
//! use app::route::Route;
//!
//! let route = Route::parse("/bai/1/2");
//! assert_eq!(route, Some(Route::Lesson { course: 1, lesson: 2 }));
//! assert_eq!(route.unwrap().to_string(), "/bai/1/2");
//! ```

use core::fmt;

/// Longest address that is looked at, in bytes.
pub const ADDRESS_BYTES_MAX: usize = 256;

/// Start of a step's fragment; the page has elements with these ids.
pub const STEP: &str = "man-";

/// A screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Route {
    /// `/`: the list of courses.
    Home,
    /// `/bai/{course}/{lesson}`: a lesson with its questions, at its first step.
    Lesson {
        /// Course number.
        course: u16,
        /// Lesson number within the course.
        lesson: u16,
    },
    /// `/bai/{course}/{lesson}#xong`: what the learner can do now. The server sees the lesson's address.
    Finished {
        /// Course number.
        course: u16,
        /// Lesson number within the course.
        lesson: u16,
    },
    /// `/xa`: choice of the commune, and consent.
    Commune,
    /// `/toi`: what is the learner's own, in parts.
    Me(Pane),
    /// `/xac-nhan`: what a team confirmed, and checking it; a bundle of its own, as the province's page is.
    Confirmation,
    /// `/tinh`: the province's page, which is not part of the learner's bundle.
    Province,
    /// `/bai/{course}/{lesson}#man-{step}`: a later step of a lesson. The server sees the lesson's address.
    Step {
        /// Course number.
        course: u16,
        /// Lesson number within the course.
        lesson: u16,
        /// The step, counted from 1; at least 2.
        step: u16,
    },
    /// `/on-tap`: what was answered wrong, again.
    Review,
}

/// A part of `/toi`. The server sees the address of the first one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Pane {
    /// `/toi`: who is in front of the phone.
    #[default]
    Own,
    /// `/toi#ai`: who learns now.
    People,
    /// `/toi#ma`: the PIN.
    Pin,
    /// `/toi#luu`: what is kept.
    Kept,
    /// `/toi#chuyen`: to and from another phone.
    Move,
    /// `/toi#xoa`: withdrawing and erasing.
    Erase,
}

impl Pane {
    const ALL: [(Self, &str); 6] = [
        (Self::Own, ""),
        (Self::People, "#ai"),
        (Self::Pin, "#ma"),
        (Self::Kept, "#luu"),
        (Self::Move, "#chuyen"),
        (Self::Erase, "#xoa"),
    ];

    fn parse(fragment: &str) -> Self {
        let named = Self::ALL.into_iter().find(|(_, mark)| mark.strip_prefix('#') == Some(fragment));
        named.map_or_else(Self::default, |(pane, _)| pane)
    }

    fn mark(self) -> &'static str {
        Self::ALL.into_iter().find(|(pane, _)| *pane == self).map_or("", |(_, mark)| mark)
    }
}

impl Route {
    /// Returns whether the screen is part of the learner's bundle; others are pages of their own.
    pub fn is_learners(self) -> bool {
        !matches!(self, Self::Confirmation | Self::Me(_) | Self::Province)
    }

    /// Parses a path with an optional query and fragment; `None` where no screen lives.
    ///
    /// A fragment other than `#xong` and `#man-{step}` is a place within the page and changes nothing.
    pub fn parse(address: &str) -> Option<Self> {
        if address.len() > ADDRESS_BYTES_MAX {
            return None;
        }
        let (address, fragment) = address.split_once('#').unwrap_or((address, ""));
        let path = address.split_once('?').map_or(address, |(path, _)| path);
        match path {
            "/" => return Some(Self::Home),
            "/xa" => return Some(Self::Commune),
            "/toi" => return Some(Self::Me(Pane::parse(fragment))),
            "/xac-nhan" => return Some(Self::Confirmation),
            "/tinh" => return Some(Self::Province),
            "/on-tap" => return Some(Self::Review),
            _ => {}
        }
        let (course, lesson) = path.strip_prefix("/bai/")?.split_once('/')?;
        let (course, lesson) = (number(course)?, number(lesson)?);
        if fragment == "xong" {
            return Some(Self::Finished { course, lesson });
        }
        let step = fragment.strip_prefix(STEP).and_then(number).unwrap_or_default();
        Some(Self::step((course, lesson), step.saturating_sub(1)))
    }

    /// Returns the address of a lesson's step, counted from 0.
    pub fn step((course, lesson): (u16, u16), step: u16) -> Self {
        match step {
            0 => Self::Lesson { course, lesson },
            _ => Self::Step { course, lesson, step: step.saturating_add(1) },
        }
    }

    /// Returns the lesson that the screen belongs to.
    pub fn lesson(self) -> Option<(u16, u16)> {
        match self {
            Self::Lesson { course, lesson } | Self::Finished { course, lesson } | Self::Step { course, lesson, .. } => {
                Some((course, lesson))
            }
            Self::Home | Self::Commune | Self::Confirmation | Self::Me(_) | Self::Province | Self::Review => None,
        }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Home => f.write_str("/"),
            Self::Lesson { course, lesson } => write!(f, "/bai/{course}/{lesson}"),
            Self::Finished { course, lesson } => write!(f, "/bai/{course}/{lesson}#xong"),
            Self::Commune => f.write_str("/xa"),
            Self::Me(pane) => write!(f, "/toi{}", pane.mark()),
            Self::Confirmation => f.write_str("/xac-nhan"),
            Self::Province => f.write_str("/tinh"),
            Self::Step { course, lesson, step } => write!(f, "/bai/{course}/{lesson}#{STEP}{step}"),
            Self::Review => f.write_str("/on-tap"),
        }
    }
}

/// Parses a number in the one way it is written: no sign, no leading zero.
fn number(text: &str) -> Option<u16> {
    let number = text.parse::<u16>().ok()?;
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text.len() == 1 || !text.starts_with('0'));
    plain.then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_screen_is_found_again_by_its_address() {
        let (course, lesson) = (3, 65_535);
        for route in [
            Route::Home,
            Route::Lesson { course, lesson },
            Route::Finished { course, lesson },
            Route::Commune,
            Route::Me(Pane::Own),
            Route::Me(Pane::People),
            Route::Me(Pane::Pin),
            Route::Me(Pane::Kept),
            Route::Me(Pane::Move),
            Route::Me(Pane::Erase),
            Route::Confirmation,
            Route::Province,
            Route::Step { course, lesson, step: 2 },
            Route::Step { course, lesson, step: 65_535 },
            Route::Review,
        ] {
            assert_eq!(Route::parse(&route.to_string()), Some(route));
        }
    }

    #[test]
    fn queries_and_places_within_a_page_change_nothing() {
        for (address, route) in [
            ("/?lang=en", Route::Home),
            ("/#tro-giup", Route::Home),
            ("/bai/1/2#tro-giup", Route::Lesson { course: 1, lesson: 2 }),
            ("/bai/1/2#man-0", Route::Lesson { course: 1, lesson: 2 }),
            ("/bai/1/2#man-1", Route::Lesson { course: 1, lesson: 2 }),
            ("/bai/1/2#man-x", Route::Lesson { course: 1, lesson: 2 }),
            ("/bai/1/2#man-70000", Route::Lesson { course: 1, lesson: 2 }),
            ("/toi?lang=en#tro-giup", Route::Me(Pane::Own)),
            ("/xa?from=/bai/1/2#xong", Route::Commune),
        ] {
            assert_eq!(Route::parse(address), Some(route), "{address}");
        }
    }

    #[test]
    fn other_addresses_have_no_screen() {
        let long = "/".repeat(ADDRESS_BYTES_MAX + 1);
        for address in [
            "",
            "//",
            "/bai",
            "/bai/1",
            "/bai/1/",
            "/bai/01/2",
            "/bai/+1/2",
            "/bai/1/65536",
            "/bai/1/2/3",
            "/xa/",
            "/to",
            "/bai/a/b",
            "/bai/１/2",
            &long,
        ] {
            assert_eq!(Route::parse(address), None, "{address}");
        }
    }
}
