/**
 * The engine: from many requests in token ids to one ragged batch a step, and back to each
 * request's sink.
 *
 * <p>{@code request → Mailbox → Scheduler → Batch → Model → Sampler → TokenSink}. Nothing flows
 * back. One thread owns everything behind the mailbox, so nothing there is locked; a step allocates
 * nothing. {@link dev.akvavit.engine.Engine} is the thread, {@code Loop} one step of it, readable
 * on one page and run under a virtual clock by the simulation in the tests.
 */
@NullMarked
package dev.akvavit.engine;

import org.jspecify.annotations.NullMarked;
