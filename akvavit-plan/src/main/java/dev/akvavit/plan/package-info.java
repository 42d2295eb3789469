/**
 * What a model needs and what a machine holds. The formulas are told in {@code docs/planner.md}.
 */
@NullMarked
package dev.akvavit.plan;

import org.jspecify.annotations.NullMarked;
