// The program of a candidate's fresh process. In a page it is a part of page-worker.ts.
import { answerRequests } from './answer-requests.js';

answerRequests();
