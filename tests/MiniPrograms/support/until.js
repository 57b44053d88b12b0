'use strict';

/** Milliseconds; generous: only what never comes takes so long. */
const Bound = 30000;

/**
 * Waits until a look finds something, looking now and after each change.
 *
 * @param changes An EventEmitter that emits "changed".
 * @param look Gives what is waited for, or something false while it is not there.
 * @param what What is waited for, in words.
 * @param state Says how things stand where it did not come.
 */
function until(changes, look, what, state) {
  return new Promise((resolve, reject) => {
    const end = () => {
      changes.off('changed', again);
      clearTimeout(timer);
    };
    const again = () => {
      const found = look();
      if (found) {
        end();
        resolve(found);
      }
    };
    const timer = setTimeout(() => {
      end();
      reject(new Error(`waited in vain until ${what}; ${state()}`));
    }, Bound);
    changes.on('changed', again);
    again();
  });
}

module.exports = { until };
