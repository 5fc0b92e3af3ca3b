/** Ratios first, then what they are ratios of. */
import { microseconds, ratio, rounded } from '../report/figures.js'
import type { Table } from '../report/sections.js'
import type { ContestResult } from './contest.js'

export function ratioTable(contests: readonly ContestResult[]): Table {
  return {
    title: 'Handshakes in memory: ratios',
    note:
      'Processor time of both sides, ours over theirs: median over interleaved rounds of the ratio in a round, with ' +
      'quartiles. "core" is the protocol core with the handlers of a socket, "sockets" is connect and Server over a pair ' +
      'of streams, as is node:tls. In the last ratio both are given certificates and keys with every connection of the client, ' +
      'as most programs do; in the others contexts are made once.',
    columns: [
      'mode',
      'provider',
      'core / floor',
      'sockets / floor',
      'sockets / node:tls',
      'the same, given anew',
      'rounds',
    ],
    rows: contests.map(({ mode, provider, ratios }) => [
      mode,
      provider,
      ratio(ratios.coreToFloor),
      ratio(ratios.streamsToFloor),
      ratio(ratios.streamsToNodeTls),
      ratio(ratios.anewToNodeTls),
      ratios.coreToFloor.rounds,
    ]),
  }
}

export function absoluteTable(contests: readonly ContestResult[]): Table {
  return {
    title: 'Handshakes in memory: processor time',
    note:
      'Microseconds for one handshake, tickets included: median over rounds ± median absolute deviation. Garbage ' +
      'collection and compilation on other threads are counted. Signatures of ours and of the floor, whose length is a ' +
      'matter of chance, all count with their mean; those of node:tls cannot be told apart.',
    columns: [
      'mode',
      'provider',
      'floor µs',
      'core µs',
      'sockets µs',
      'node:tls µs',
      'sockets, anew µs',
      'node:tls, anew µs',
      'floor client µs',
      'floor server µs',
      'core client µs',
      'core server µs',
      'tickets',
      'tickets node:tls',
    ],
    rows: contests.map((contest) => [
      contest.mode,
      contest.provider,
      microseconds(contest.floor),
      microseconds(contest.core),
      microseconds(contest.streams),
      microseconds(contest.nodeTls),
      microseconds(contest.anew?.streams ?? null),
      microseconds(contest.anew?.nodeTls ?? null),
      rounded(contest.floorSides.client),
      rounded(contest.floorSides.server),
      rounded(contest.coreSides.client),
      rounded(contest.coreSides.server),
      contest.tickets.ours,
      contest.tickets.nodeTls,
    ]),
  }
}
