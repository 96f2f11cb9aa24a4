//! A list that is only added to, kept in blocks: as it grows nothing moves, however long it is. Its places may begin
//! anywhere.

use std::ops::{Index, IndexMut, Range};

/// Items of a block.
const BLOCK: usize = 4096;

#[derive(Debug)]
pub(crate) struct BlockVec<T> {
    /// The place of the first item.
    first: usize,
    blocks: Vec<Vec<T>>,
}

impl<T> BlockVec<T> {
    /// An empty list whose first item will have this place.
    pub(crate) fn beginning_at(first: usize) -> Self {
        Self { first, blocks: Vec::new() }
    }

    /// The places that items have.
    pub(crate) fn places(&self) -> Range<usize> {
        self.first..self.end()
    }

    /// The place that the next item will have.
    pub(crate) fn end(&self) -> usize {
        // All blocks but the last are full.
        self.first
            + self.blocks.last().map_or(0, |last| (self.blocks.len() - 1) * BLOCK + last.len())
    }

    pub(crate) fn push(&mut self, item: T) {
        match self.blocks.last_mut() {
            Some(last) if last.len() < BLOCK => last.push(item),
            // The first grows as it needs to, for most lists are short.
            None => self.blocks.push(vec![item]),
            Some(_) => {
                let mut block = Vec::with_capacity(BLOCK);
                block.push(item);
                self.blocks.push(block);
            }
        }
    }

    pub(crate) fn get(&self, place: usize) -> Option<&T> {
        let at = place.checked_sub(self.first)?;
        self.blocks.get(at / BLOCK)?.get(at % BLOCK)
    }

    pub(crate) fn get_mut(&mut self, place: usize) -> Option<&mut T> {
        let at = place.checked_sub(self.first)?;
        self.blocks.get_mut(at / BLOCK)?.get_mut(at % BLOCK)
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.places().len()
    }

    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    #[cfg(test)]
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.blocks.iter().flatten()
    }
}

impl<T> Index<usize> for BlockVec<T> {
    type Output = T;

    fn index(&self, place: usize) -> &T {
        let at = place - self.first;
        &self.blocks[at / BLOCK][at % BLOCK]
    }
}

impl<T> IndexMut<usize> for BlockVec<T> {
    fn index_mut(&mut self, place: usize) -> &mut T {
        let at = place - self.first;
        &mut self.blocks[at / BLOCK][at % BLOCK]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_vec_whose_places_begin_elsewhere() {
        for first in [0, 7, BLOCK + 1] {
            let (mut list, mut plain) = (BlockVec::beginning_at(first), Vec::new());
            for item in 0..2 * BLOCK + 3 {
                assert_eq!((list.end(), list.get(first + item)), (first + plain.len(), None));
                list.push(item);
                plain.push(item);
            }
            *list.get_mut(first + BLOCK).unwrap() = 7;
            list[first + BLOCK - 1] = 9;
            (plain[BLOCK], plain[BLOCK - 1]) = (7, 9);
            assert!(list.iter().eq(&plain) && !list.is_empty());
            assert!(plain.iter().enumerate().all(|(at, item)| list[first + at] == *item));
            assert_eq!(list.places().next(), Some(first));
            assert!(first == 0 || list.get(first - 1).is_none());
        }
    }
}
