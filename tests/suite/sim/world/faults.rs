//! What goes wrong: connections, processes, disks.

use sync::store::Store;

use super::super::disk::Disk;
use super::{Facts, Part, World};

impl World {
    pub(super) fn cut(&mut self) {
        if !self.links.is_empty() {
            let link = self.chance.below(self.links.len());
            self.links.swap_remove(link);
            self.faults.cuts += 1;
        }
    }

    pub(super) fn crash(&mut self) {
        let node = self.chance.below(self.nodes.len());
        self.nodes[node].disk.crash(&mut self.chance);
        self.restart(node);
        self.faults.crashes += 1;
    }

    /// A phone or laptop is backed up, or set back to its backup.
    pub(super) fn set_back(&mut self) {
        let node = self.chance.below(self.nodes.len());
        if self.nodes[node].part == Part::Province {
            return;
        }
        match self.nodes[node].backup.take() {
            None => self.nodes[node].backup = Some((self.nodes[node].disk.copy(), self.nodes[node].facts.clone())),
            Some((backup, facts)) => {
                self.nodes[node].disk.set_back(backup);
                let Facts { learner, saved, .. } = facts;
                self.nodes[node].facts = Facts { learner, saved, set_back: true, ..self.nodes[node].facts.clone() };
                self.restart(node);
                self.faults.set_back += 1;
                // Who goes on learning before anybody is met says two things under one number.
                if self.nodes[node].part == Part::Phone {
                    self.learn_on(node);
                }
            }
        }
    }

    /// Bits of a hub's disk flip while it is off. It opens as it was at some commit, or is replaced.
    pub(super) fn rot(&mut self) {
        let node = self.chance.below(self.nodes.len());
        if self.nodes[node].part != Part::Hub {
            return;
        }
        self.nodes[node].disk.crash(&mut self.chance);
        self.nodes[node].disk.rot(&mut self.chance);
        let opened = Store::open(self.nodes[node].disk.open(), &self.nodes[node].seed);
        if opened.is_err() {
            self.nodes[node].disk = Disk::new();
        }
        drop(opened);
        self.restart(node);
        self.faults.rotten_disks += 1;
    }

    /// One side of a connection hears nothing any more, and does not know it.
    pub(super) fn deafen(&mut self) {
        if !self.links.is_empty() {
            let link = self.chance.below(self.links.len());
            self.links[link].deaf = Some(self.chance.below(2));
            self.faults.deaf += 1;
        }
    }

    /// The disk of a node fills up amid what it does next; the process fails and is started again.
    pub(super) fn fill(&mut self) {
        let node = self.chance.below(self.nodes.len());
        self.nodes[node].disk.fill_after(self.chance.below(12) as u32);
        for _ in 0..4 {
            self.deliver();
            if self.nodes[node].part == Part::Phone {
                self.learn();
            }
        }
        self.nodes[node].disk.crash(&mut self.chance);
        self.restart(node);
        self.faults.full_disks += 1;
    }
}
