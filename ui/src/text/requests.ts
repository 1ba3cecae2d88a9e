/** What is asked for, and how a case ends that nothing is handed over for. */
import type { Names } from './names';

export const requestTypeNames: Names = {
  access: 'Access',
  portability: 'Portability',
  rectification: 'Rectification',
  erasure: 'Erasure',
};

/** What comes of each type of request. */
export const requestTypeHints: Names = {
  access: 'They get a copy of their calls.',
  portability: 'They get a copy of their calls, with lists that a program can read.',
  rectification: 'Their calls are found and listed, and corrected at the source. No copies are made.',
  erasure: 'Their calls are found and listed, and erased at the source. No copies are made.',
};

/** What the statement at the end of a case says. */
export const closingHints: Names = {
  carried_out: 'What was done, where and when.',
  refused: 'The reasons given to the person, who must be told that they may complain and go to court.',
  withdrawn: 'Who said so, when and how.',
  not_identified: 'What was asked for, and what was missing.',
};

export const closingOutcomeNames: Names = {
  carried_out: 'Done at the source',
  refused: 'Refused',
  withdrawn: 'Withdrawn',
  not_identified: 'Not identified',
};
