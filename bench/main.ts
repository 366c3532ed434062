// The benches, by name.
console.log('no benches yet');
