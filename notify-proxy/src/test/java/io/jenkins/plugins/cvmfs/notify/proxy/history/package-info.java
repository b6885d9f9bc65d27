/**
 * Random histories: several proxies in processes of their own and a broker, random announcers and subscribers of all kinds, random
 * faults; every operation is recorded with its start, end and result, and afterwards compared with what the service promises.
 *
 * <p>{@link io.jenkins.plugins.cvmfs.notify.proxy.history.Schedule} does one of them, drawn from a seed;
 * {@link io.jenkins.plugins.cvmfs.notify.proxy.history.History} is what happened;
 * {@link io.jenkins.plugins.cvmfs.notify.proxy.history.HistoryChecker} finds what must not have happened.
 */
package io.jenkins.plugins.cvmfs.notify.proxy.history;
