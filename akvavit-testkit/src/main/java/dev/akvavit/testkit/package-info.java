/**
 * What tests of several modules share: the scalar oracle, contracts, tolerances, tiny models, fault
 * injectors.
 */
@NullMarked
package dev.akvavit.testkit;

import org.jspecify.annotations.NullMarked;
