//! Phrases as a tree of words: one walk finds every phrase that begins at a place.

use std::collections::HashMap;

use super::{Roles, entry::NO_ID};
use crate::detect::hash::Mixed;

/// Longest phrase in the data files, in words; bounds every walk.
pub(super) const MAX_PHRASE_WORDS: usize = 8;

/// Where a phrase ends or may go on.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Node {
    /// Roles of the phrase that ends here.
    pub(super) roles: Roles,
    /// Cue sets that have the phrase that ends here, by their index.
    pub(super) cues: u64,
    /// Roles of phrases that end here or further on.
    pub(super) reachable: Roles,
    /// The same for cue sets.
    pub(super) reachable_cues: u64,
    /// The words that a phrase goes on with.
    pub(super) goes_on: Ids,
}

/// Ids of words, of which those that differ by a multiple of 64 count as one.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ids(u64);

impl Ids {
    fn insert(&mut self, id: u32) {
        self.0 |= 1 << (id % 64);
    }

    /// Whether an id may be among them.
    pub(super) fn may_have(self, id: u32) -> bool {
        id != NO_ID && self.0 & (1 << (id % 64)) != 0
    }
}

/// All phrases of a language. Node 0 is the root.
#[derive(Default)]
pub(super) struct Phrases {
    nodes: Vec<Node>,
    edges: HashMap<(u32, u32), u32, Mixed>,
}

impl Phrases {
    /// Adds a phrase by the ids of its words; returns the node of its first word.
    pub(super) fn insert(&mut self, words: &[u32], roles: Roles, cues: u64) -> u32 {
        if self.nodes.is_empty() {
            self.nodes.push(Node::default());
        }
        let (mut at, mut first) = (0, 0);
        for &word in words.iter().take(MAX_PHRASE_WORDS) {
            let next = self.nodes.len() as u32;
            self.nodes[at as usize].goes_on.insert(word);
            at = *self.edges.entry((at, word)).or_insert(next);
            if at == next {
                self.nodes.push(Node::default());
            }
            first = if first == 0 { at } else { first };
            let node = &mut self.nodes[at as usize];
            node.reachable.insert(roles);
            node.reachable_cues |= cues;
        }
        let node = &mut self.nodes[at as usize];
        node.roles.insert(roles);
        node.cues |= cues;
        first
    }

    pub(super) fn node(&self, at: u32) -> Node {
        self.nodes.get(at as usize).copied().unwrap_or_default()
    }

    /// The node behind another along a word.
    pub(super) fn next(&self, at: u32, word: u32) -> Option<u32> {
        let node = self.nodes.get(at as usize)?;
        if !node.goes_on.may_have(word) {
            return None;
        }
        self.edges.get(&(at, word)).copied()
    }
}
