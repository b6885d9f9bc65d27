package io.jenkins.plugins.cvmfs.notify.proxy.page;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test class that looks at pages in a real browser: skipped if there is none. Its methods, and constructors, may ask for a {@code
 * Browser}, which all tests of the JVM share.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(ChromiumExtension.class)
@interface NeedsChromium {}
