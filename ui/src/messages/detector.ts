/** Sentences about the detector of this desk: the drill, and what reviewers corrected. */
export const detector = {
  title: 'Detector',
  noDrill: 'No drill was run yet. It runs once a day while the app is open.',
  passed: (found: string, items: string, at: string) =>
    `Drill of ${at}: ${found} of ${items} were found in planted calls. No alarm.`,
  alarm: (at: string, alarms: string) =>
    `Drill of ${at}: ${alarms}. Take out corrections that should not have been learned, and review every call until then.`,
  run: 'Run the drill',
  running: 'Running the drill…',
  corrections: 'What reviewers corrected',
  none: 'Nothing yet. What a finished review marks by hand, or keeps as no personal data, is used for the next call.',
  explain: 'Words stay sealed with their case. Showing them is on record.',
  reveal: 'Show the words',
  rulings: { marked: 'Marked', kept: 'Kept as no personal data' },
  where: (caseId: string, call: number, by: string) => `${caseId}, call ${call}, ${by}`,
  forget: 'Forget',
  forgetThis: (entity: string, caseId: string) => `Forget ${entity} of ${caseId}`,
} as const;
