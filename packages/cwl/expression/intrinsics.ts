/**
 * Runs inside the interpreter. What one expression does to the language's own objects would change what later ones
 * mean, so these objects are frozen, after the expression library had its chance to extend them. Members that every
 * object inherits become accessors: assigning `o.toString` still makes a member of `o`, as it would unfrozen.
 */
export const REMEMBER_INTRINSICS = `
globalThis.$freezeIntrinsics = (function () {
  var define = Object.defineProperty, describe = Object.getOwnPropertyDescriptor, freeze = Object.freeze;
  var keys = Reflect.ownKeys, parent = Object.getPrototypeOf, TypeError_ = TypeError;
  var roots = keys(globalThis).map(function (key) { return globalThis[key]; });
  roots.push(parent(function* () {}), parent(async function () {}), parent([][Symbol.iterator]()));
  var overridable = [Object.prototype, Function.prototype, Error.prototype, Array.prototype];
  function open(owner) {
    keys(owner).forEach(function (key) {
      var found = describe(owner, key);
      if (!('value' in found) || !found.configurable) return;
      define(owner, key, {
        get: function () { return found.value; },
        set: function (value) {
          if (this === owner) throw new TypeError_('the language itself cannot be changed');
          define(this, key, { value: value, writable: true, enumerable: true, configurable: true });
        },
        enumerable: found.enumerable, configurable: true
      });
    });
  }
  return function () {
    var seen = new Set([globalThis]), waiting = roots.slice();
    while (waiting.length > 0) {
      var one = waiting.pop();
      if ((typeof one !== 'object' && typeof one !== 'function') || one === null || seen.has(one)) continue;
      seen.add(one);
      waiting.push(parent(one));
      keys(one).forEach(function (key) {
        var found = describe(one, key);
        waiting.push(found.value, found.get, found.set);
      });
    }
    overridable.forEach(open);
    seen.delete(globalThis);
    seen.forEach(function (one) { freeze(one); });
    keys(globalThis).forEach(function (key) {
      var found = describe(globalThis, key);
      if (roots.indexOf(found.value) >= 0 && found.configurable)
        define(globalThis, key, { value: found.value, writable: false, configurable: false, enumerable: false });
    });
  };
})();
`;

export const FREEZE_INTRINSICS = '$freezeIntrinsics(); delete globalThis.$freezeIntrinsics;';
