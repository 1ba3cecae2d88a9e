//! Shares of what the gateway does at once: streams, retrievals, searches. However much one tenant asks for, a part
//! stays for each of the others, and who has least goes first.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
};

use tokio::sync::oneshot;

use super::lock;

/// A number of places that tenants share.
pub(super) struct Shares {
    total: usize,
    tenants: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Places in use by tenant; tenants without any are left out.
    used: BTreeMap<String, usize>,
    /// Who waits, the oldest first.
    waiting: VecDeque<(String, oneshot::Sender<Share>)>,
}

/// One place; dropping it gives it to the next.
pub(super) struct Share {
    shares: Arc<Shares>,
    tenant: String,
}

impl Shares {
    pub(super) fn new(total: usize, tenants: usize) -> Arc<Self> {
        Arc::new(Self {
            total,
            tenants: tenants.max(1),
            state: Mutex::default(),
        })
    }

    /// Places in use, by tenant; those without any are left out.
    pub(super) fn used_by(&self) -> BTreeMap<String, usize> {
        lock(&self.state).used.clone()
    }

    /// A place at once, or none.
    pub(super) fn try_take(self: &Arc<Self>, tenant: &str) -> Option<Share> {
        let mut state = lock(&self.state);
        if !self.allows(&state, tenant) {
            return None;
        }
        Some(self.give(&mut state, tenant))
    }

    /// A place, as soon as it is this tenant's turn.
    pub(super) async fn take(self: &Arc<Self>, tenant: &str) -> Option<Share> {
        let (sender, receiver) = oneshot::channel();
        lock(&self.state)
            .waiting
            .push_back((tenant.to_owned(), sender));
        self.serve();
        receiver.await.ok()
    }

    fn give(self: &Arc<Self>, state: &mut State, tenant: &str) -> Share {
        *state.used.entry(tenant.to_owned()).or_default() += 1;
        Share {
            shares: Arc::clone(self),
            tenant: tenant.to_owned(),
        }
    }

    /// Half of all places are divided among the tenants for good, the rest goes to whoever comes; where there are
    /// fewer places than that, one tenant leaves at least one place to the others.
    fn allows(&self, state: &State, tenant: &str) -> bool {
        let own = state.used.get(tenant).copied().unwrap_or_default();
        let free = self.total.saturating_sub(state.used.values().sum());
        let kept = self.total / (2 * self.tenants);
        let others = state.used.iter().filter(|(name, _)| *name != tenant);
        let of_others: usize = others.map(|(_, used)| kept.min(*used)).sum();
        let still_kept = ((self.tenants - 1) * kept).saturating_sub(of_others);
        let is_alone = self.tenants == 1;
        free > 0 && (own < kept || (free > still_kept && (is_alone || own + 1 < self.total)))
    }

    /// Gives free places to those who wait, who has least first.
    fn serve(self: &Arc<Self>) {
        while let Some((sender, share)) = self.next() {
            // Whoever does not wait any more gives the place back at once.
            let _ = sender.send(share);
        }
    }

    fn next(self: &Arc<Self>) -> Option<(oneshot::Sender<Share>, Share)> {
        let mut state = lock(&self.state);
        state.waiting.retain(|(_, sender)| !sender.is_closed());
        let turns = state.waiting.iter().enumerate();
        let turns = turns.filter(|(_, (tenant, _))| self.allows(&state, tenant));
        let used = |tenant: &String| state.used.get(tenant).copied().unwrap_or_default();
        let next = turns.min_by_key(|(at, (tenant, _))| (used(tenant), *at));
        let at = next.map(|(at, _)| at)?;
        let (tenant, sender) = state.waiting.remove(at)?;
        let share = self.give(&mut state, &tenant);
        Some((sender, share))
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        {
            let mut state = lock(&self.shares.state);
            if let Some(used) = state.used.get_mut(&self.tenant) {
                *used -= 1;
            }
            state.used.retain(|_, used| *used > 0);
        }
        self.shares.serve();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take_all(shares: &Arc<Shares>, tenant: &str) -> Vec<Share> {
        std::iter::from_fn(|| shares.try_take(tenant)).collect()
    }

    fn used(shares: &Shares) -> usize {
        shares.used_by().values().sum()
    }

    #[test]
    fn one_tenant_leaves_places_to_every_other() {
        for (total, tenants, greedy) in
            [(64, 1, 64), (64, 2, 48), (64, 4, 40), (4, 2, 3), (4, 9, 3)]
        {
            let shares = Shares::new(total, tenants);
            let held = take_all(&shares, "greedy");
            assert_eq!(held.len(), greedy, "{total} for {tenants}");
            if tenants > 1 {
                assert!(shares.try_take("modest").is_some(), "{total} for {tenants}");
            }
        }
    }

    #[test]
    fn two_greedy_tenants_do_not_starve_a_third() {
        let shares = Shares::new(64, 3);
        let held = [take_all(&shares, "a"), take_all(&shares, "b")];
        assert_eq!(held.iter().map(Vec::len).sum::<usize>(), 54);
        assert_eq!(take_all(&shares, "c").len(), 10);
        assert_eq!(used(&shares), 54);
    }

    #[tokio::test]
    async fn who_has_least_goes_first_and_nobody_is_forgotten() {
        let shares = Shares::new(4, 2);
        let mut held = take_all(&shares, "greedy");
        let mut waiting: Vec<_> = ["greedy", "greedy", "modest", "modest"]
            .into_iter()
            .map(|tenant| {
                let shares = Arc::clone(&shares);
                tokio::spawn(async move { (tenant, shares.take(tenant).await) })
            })
            .collect();
        tokio::task::yield_now().await;
        // The place that was kept for it goes to the other tenant, although it asked last.
        let first = waiting.remove(2).await.unwrap();
        assert!(first.1.is_some());
        assert_eq!(used(&shares), 4);
        held.pop();
        let second = waiting.remove(2).await.unwrap();
        assert_eq!(second.0, "modest");
        held.clear();
        drop((first, second));
        for task in waiting {
            assert!(task.await.unwrap().1.is_some());
        }
    }

    #[tokio::test]
    async fn whoever_gave_up_waiting_takes_no_place() {
        let shares = Shares::new(1, 1);
        let held = shares.try_take("a");
        let giving_up = tokio::time::timeout(std::time::Duration::ZERO, shares.take("a"));
        assert!(giving_up.await.is_err());
        drop(held);
        assert_eq!(used(&shares), 0);
        assert!(shares.try_take("a").is_some());
    }
}
