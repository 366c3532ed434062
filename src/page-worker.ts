// The program of every worker that heddle starts in a page; which part of it works is told by the first message, and no part heeds another's.
// One program for all: Vite refuses workers whose programs name each other, and each names all that the platform can start; one that names
// itself it builds (docs/decisions/0005-one-program-for-pages.md).
import { answerRequests } from './measure/answer-requests.js';

answerRequests();
