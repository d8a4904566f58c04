//! What is said when the button of a block is tapped: what a learner sees there now.

use content::pack::{Block, Order, Spot, Verdict};
use content::speech;

use crate::state::{App, DrillState, ExerciseState, Load, OpenLesson, exercise};

impl App {
    /// Lists what to say for a block of the open lesson, in its order.
    pub(super) fn spots(&self, block: u8) -> Vec<Spot> {
        let Some(Load::Ready(open)) = self.open_lesson() else {
            return Vec::new();
        };
        let mut parts = parts(open, block);
        // A heading has no button, and is said with what it is for.
        if let Some(before) = block.checked_sub(1).filter(|&before| block != Spot::HEAD && is_heading(open, before)) {
            parts.insert(0, Spot { block: before, part: 0 });
        }
        self.audible(open, parts)
    }

    /// Lists what to say of the open lesson behind a block, or of all of it, up to the next thing to do.
    pub(super) fn spots_from(&self, behind: Option<u8>) -> Vec<Spot> {
        let Some(Load::Ready(open)) = self.open_lesson() else {
            return Vec::new();
        };
        let first = behind.map_or(0, |block| usize::from(block) + 1);
        let head = behind.is_none().then_some(Spot { block: Spot::HEAD, part: 0 });
        let mut spots: Vec<Spot> = head.into_iter().collect();
        for (block, found) in (0..Spot::HEAD).zip(&open.lesson.blocks).skip(first) {
            spots.extend(parts(open, block));
            if asks(found) {
                break;
            }
        }
        self.audible(open, spots)
    }

    /// Lists what to say of the step that stands alone on the screen; on the first one, title and goal, too. Behind
    /// the last one there is what the learner can do now.
    pub(super) fn spots_of_step(&self) -> Vec<Spot> {
        let Some(Load::Ready(open)) = self.open_lesson() else {
            return Vec::new();
        };
        if self.end_of().is_some() {
            return self.audible(open, vec![Spot::END]);
        }
        let step = open.step_at(self.route);
        let head = (step == 0).then_some(Spot { block: Spot::HEAD, part: 0 });
        let blocks = open.steps.blocks(step).filter_map(|at| u8::try_from(at).ok());
        let spots = head.into_iter().chain(blocks.flat_map(|block| parts(open, block))).collect();
        self.audible(open, spots)
    }

    /// Tells whether there is something to say behind a block that asks something.
    pub(super) fn goes_on(&self, block: u8) -> bool {
        let Some(Load::Ready(open)) = self.open_lesson() else {
            return false;
        };
        open.lesson.blocks.get(usize::from(block)).is_some_and(asks) && !self.spots_from(Some(block)).is_empty()
    }

    /// Leaves out what has no words.
    fn audible(&self, open: &OpenLesson, mut spots: Vec<Spot>) -> Vec<Spot> {
        let course = self.catalogue.ready().and_then(|catalogue| catalogue.course(open.lesson.course));
        let language = course.map_or("", |course| &*course.language);
        spots.retain(|&spot| !speech::said(&open.lesson, spot, language).is_empty());
        spots
    }
}

/// Tells whether a block has a button: whether it has words, and is no heading, which is said with the next one.
pub(crate) fn has_button(open: &OpenLesson, at: usize) -> bool {
    let Ok(block) = u8::try_from(at) else { return false };
    match open.lesson.blocks.get(at) {
        Some(Block::Html(html)) => html.as_str() != "<hr>" && !is_heading(open, block),
        Some(Block::Listen(_)) | None => false,
        Some(_) => true,
    }
}

/// Tells whether a block asks for something to be done.
fn asks(block: &Block) -> bool {
    matches!(block, Block::Quiz(_)) || exercise(block).is_some()
}

fn is_heading(open: &OpenLesson, block: u8) -> bool {
    let found = open.lesson.blocks.get(usize::from(block));
    matches!(found, Some(Block::Html(html)) if ["<h2>", "<h3>"].iter().any(|tag| html.as_str().starts_with(tag)))
}

/// Lists the parts of a block to say, as far as the learner is with it.
fn parts(open: &OpenLesson, block: u8) -> Vec<Spot> {
    let at = usize::from(block);
    let (Some(found), Some(before)) = (open.lesson.blocks.get(at), open.lesson.blocks.get(..at)) else {
        return vec![Spot { block, part: 0 }];
    };
    let parts = match found {
        Block::Quiz(quiz) => {
            let at = before.iter().filter(|block| matches!(block, Block::Quiz(_))).count();
            let state = open.quizzes.0.get(at).copied().unwrap_or_default();
            // Feedback on the choice, where there is one to see.
            let told: Vec<usize> = (0..quiz.options.len())
                .filter(|&at| state.is_shown(at) && state.is_chosen(at))
                .map(|at| at + 1)
                .collect();
            if told.is_empty() { vec![0] } else { told }
        }
        found => {
            let at = before.iter().filter_map(exercise).count();
            match (found, open.exercises.0.get(at)) {
                (Block::Practice(_), Some(ExerciseState::Practice(state))) if state.screen > 0 => {
                    vec![state.screen + 1]
                }
                (Block::Practice(_), _) => vec![0, 1],
                (Block::Scam(_), Some(ExerciseState::Drill(DrillState(Some(verdict))))) => vec![judged(*verdict)],
                (Block::Order(order), Some(ExerciseState::Order(state))) => steps(order, state.placed, open.seed(at)),
                _ => vec![0],
            }
        }
    };
    parts.into_iter().filter_map(|part| Some(Spot { block, part: u8::try_from(part).ok()? })).collect()
}

fn judged(verdict: Verdict) -> usize {
    if verdict == Verdict::Scam { 1 } else { 2 }
}

/// What to put in order, and the steps as they stand on the screen.
fn steps(order: &Order, placed: usize, seed: u64) -> Vec<usize> {
    let all = order.steps.len();
    let shown = if placed == all { (0..all).collect() } else { order.mixed(seed) };
    [0].into_iter().chain(shown.into_iter().map(|step| step + 1)).collect()
}
