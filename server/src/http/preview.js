// Reloads the page when a course file was changed. A browser reopens the connection by itself.
const { version } = document.currentScript.dataset;
new EventSource("/preview/events").onmessage = ({ data }) => {
  if (JSON.parse(data) !== version) location.reload();
};
