// Checks forms before they are sent.
function checkWCData(form) {
  if (form.varCustomerName.value == "") {
    alert("Please enter your name.");
    form.varCustomerName.focus();
    return false;
  }
  return true;
}

function checkCallback(form) {
  if (form.varPhone.value == "") {
    alert("Please enter your telephone number.");
    form.varPhone.focus();
    return false;
  }
  return true;
}
