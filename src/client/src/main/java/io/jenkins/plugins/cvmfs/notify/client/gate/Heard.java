package io.jenkins.plugins.cvmfs.notify.client.gate;

import java.time.Instant;

/** The newest announcement that would meet the target, and when it came. Nobody vouches for it. */
public record Heard(ManifestSummary publication, Instant at) {}
