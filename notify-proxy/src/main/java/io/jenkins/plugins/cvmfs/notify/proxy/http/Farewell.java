package io.jenkins.plugins.cvmfs.notify.proxy.http;

/** What the front end tells every connection when it shuts down, as a user event: end as your protocol ends. */
enum Farewell {
    SHUTTING_DOWN
}
