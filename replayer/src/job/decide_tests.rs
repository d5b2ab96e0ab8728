use proptest::prelude::*;

use super::*;

fn view(state: State) -> View {
    View {
        state,
        asked: None,
        deployed: true,
        canary: 10,
        stop_share: 0.05,
        published: 0,
        in_flight: 0,
        resolved: 0,
        failed: 0,
        passing_wait: true,
        members_wait: true,
    }
}

fn state_after(view: View) -> State {
    let Step::To(state, words) = view.next() else { panic!("{:?} of {view:?}", view.next()) };
    assert!(!words.is_empty());
    state
}

#[test]
fn a_canary_goes_first_and_is_waited_for() {
    assert_eq!(state_after(view(State::Queued)), State::Canary);
    assert_eq!(state_after(View { canary: 0, ..view(State::Queued) }), State::Running);
    let canary = view(State::Canary);
    assert_eq!(canary.next(), Step::Publish { most: 10, passing_only: true });
    let half = View { published: 4, in_flight: 4, ..canary };
    assert_eq!(half.next(), Step::Publish { most: 6, passing_only: true });
    let out = View { published: 10, in_flight: 3, resolved: 6, failed: 1, ..canary };
    assert_eq!(out.next(), Step::Wait, "one of seven failed, and three are not settled");
    assert_eq!(state_after(View { in_flight: 0, resolved: 9, ..out }), State::Stopped, "one of ten is 10 %");
    assert_eq!(state_after(View { in_flight: 0, resolved: 10, failed: 0, ..out }), State::Running);
    let few = View { published: 3, resolved: 3, passing_wait: false, members_wait: false, ..canary };
    assert_eq!(state_after(few), State::Running, "there are no more than three");
}

#[test]
fn a_share_of_failures_above_the_limit_stops_it() {
    let running = View { published: 100, resolved: 95, failed: 5, ..view(State::Running) };
    assert_eq!(running.next(), Step::Publish { most: usize::MAX, passing_only: false }, "5 % are the limit");
    assert_eq!(state_after(View { failed: 6, ..running }), State::Stopped);
    let bare = View { canary: 0, published: 9, resolved: 8, failed: 1, ..view(State::Running) };
    assert!(matches!(bare.next(), Step::Publish { .. }), "nine settled say nothing without a canary");
    assert_eq!(state_after(View { resolved: 9, ..bare }), State::Stopped);
}

#[test]
fn it_is_done_when_all_are_settled() {
    let last = View {
        published: 97,
        in_flight: 1,
        resolved: 96,
        members_wait: false,
        passing_wait: false,
        ..view(State::Running)
    };
    assert_eq!(last.next(), Step::Wait);
    assert_eq!(state_after(View { in_flight: 0, resolved: 97, ..last }), State::Done);
}

#[test]
fn what_a_person_asks_comes_first() {
    for state in [State::Queued, State::Canary, State::Running, State::Paused] {
        let asked = |asked| View { asked: Some(asked), failed: 50, deployed: false, ..view(state) };
        assert_eq!(state_after(asked(Asked::Cancel)), State::Cancelled);
        assert_eq!(state_after(asked(Asked::Pause)), State::Paused);
    }
    assert_eq!(view(State::Paused).next(), Step::Wait);
    let resumed = View { asked: Some(Asked::Resume), ..view(State::Paused) };
    assert_eq!(state_after(resumed), State::Canary);
    assert_eq!(state_after(View { published: 50, ..resumed }), State::Running);
    assert_eq!(state_after(View { published: 10, in_flight: 1, ..resumed }), State::Canary);
}

#[test]
fn another_judge_ends_it() {
    assert_eq!(state_after(View { deployed: false, ..view(State::Running) }), State::Stopped);
}

proptest! {
    /// Whatever becomes of its replays, a job ends after finitely many steps, and no member goes twice.
    #[test]
    fn every_job_comes_to_an_end(
        members in 0usize..200, canary in 0usize..20, share in 0.0f64..1.0, fates in proptest::collection::vec(any::<bool>(), 200),
    ) {
        let mut now = View { canary, stop_share: share, ..view(State::Queued) };
        let mut waiting = members;
        for _ in 0..2_000 {
            (now.passing_wait, now.members_wait) = (waiting > 0, waiting > 0);
            match now.next() {
                Step::To(state, _) if state.is_end() => {
                    prop_assert!(state == State::Stopped || waiting == 0 && now.in_flight == 0);
                    return Ok(());
                }
                Step::To(state, _) => {
                    prop_assert_ne!(state, now.state);
                    now.state = state;
                }
                Step::Publish { most, .. } => {
                    let count = most.min(waiting).min(7);
                    prop_assert!(count > 0);
                    if now.state == State::Canary {
                        prop_assert!(now.published + count <= canary);
                    }
                    waiting -= count;
                    now.published += count;
                    now.in_flight += count;
                }
                Step::Wait => {
                    prop_assert!(now.in_flight > 0);
                    let fails = fates[now.resolved + now.failed];
                    now.in_flight -= 1;
                    if fails { now.failed += 1 } else { now.resolved += 1 }
                }
            }
        }
        prop_assert!(false, "no end: {now:?}");
    }
}
