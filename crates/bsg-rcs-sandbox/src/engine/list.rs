//! A list that is only added to, kept in blocks: as it grows nothing moves, however long it is.

use std::ops::{Index, IndexMut};

/// Items of a block.
const BLOCK: usize = 4096;

#[derive(Debug)]
pub(super) struct List<T>(Vec<Vec<T>>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> List<T> {
    pub(super) fn len(&self) -> usize {
        // All but the last are full.
        self.0.last().map_or(0, |last| (self.0.len() - 1) * BLOCK + last.len())
    }

    pub(super) fn push(&mut self, item: T) {
        match self.0.last_mut() {
            Some(last) if last.len() < BLOCK => last.push(item),
            // The first grows as it needs to, for most lists are short.
            None => self.0.push(vec![item]),
            Some(_) => {
                let mut block = Vec::with_capacity(BLOCK);
                block.push(item);
                self.0.push(block);
            }
        }
    }

    pub(super) fn get(&self, at: usize) -> Option<&T> {
        self.0.get(at / BLOCK)?.get(at % BLOCK)
    }

    pub(super) fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        self.0.get_mut(at / BLOCK)?.get_mut(at % BLOCK)
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[cfg(test)]
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter().flatten()
    }
}

impl<T> Index<usize> for List<T> {
    type Output = T;

    fn index(&self, at: usize) -> &T {
        &self.0[at / BLOCK][at % BLOCK]
    }
}

impl<T> IndexMut<usize> for List<T> {
    fn index_mut(&mut self, at: usize) -> &mut T {
        &mut self.0[at / BLOCK][at % BLOCK]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_vec_to_whoever_looks() {
        let (mut list, mut plain) = (List::default(), Vec::new());
        for item in 0..2 * BLOCK + 3 {
            assert_eq!((list.len(), list.get(item)), (plain.len(), None));
            list.push(item);
            plain.push(item);
        }
        *list.get_mut(BLOCK).unwrap() = 7;
        list[BLOCK - 1] = 9;
        (plain[BLOCK], plain[BLOCK - 1]) = (7, 9);
        assert!(list.iter().eq(&plain) && !list.is_empty());
        assert!(plain.iter().enumerate().all(|(at, item)| list[at] == *item));
    }
}
